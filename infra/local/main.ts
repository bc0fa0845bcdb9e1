import { readArguments, readReplacements, StartRefused } from './settings.ts'
import { startStack } from './stack.ts'

/** A stop takes two seconds; one that a busy machine holds up this long is cut off. */
const stopWithinMs = 20_000
const stopping = new AbortController()

async function main(): Promise<void> {
  const stack = await startStack({
    ...readArguments(process.argv.slice(2)),
    replacements: readReplacements(process.env),
    signal: stopping.signal,
    log: ({ functionName, text }) => console.error(`${functionName}: ${text.trimEnd()}`),
  })
  const stop = () => void stack.stop().then(() => process.exit(0))
  if (stopping.signal.aborted) return stop()
  stopping.signal.addEventListener('abort', stop)
  console.log(`ready ${JSON.stringify(stack.ready)}`)
}

// From the first moment on: a start that is broken off leaves nothing behind either.
for (const name of ['SIGINT', 'SIGTERM']) {
  process.once(name, () => {
    setTimeout(() => process.exit(1), stopWithinMs).unref()
    stopping.abort()
  })
}

main().catch((error: unknown) => {
  if (stopping.signal.aborted) process.exit(0)
  console.error(error instanceof StartRefused ? error.message : error)
  process.exit(1)
})
