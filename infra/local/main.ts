import { readArguments, readReplacements, StartRefused } from './settings.ts'
import { startStack } from './stack.ts'

/** A stop that takes longer than this is cut off. */
const stopWithinMs = 5_000

async function main(): Promise<void> {
  const stack = await startStack({
    ...readArguments(process.argv.slice(2)),
    replacements: readReplacements(process.env),
    log: ({ functionName, text }) => console.error(`${functionName}: ${text.trimEnd()}`),
  })
  const stop = () => {
    setTimeout(() => process.exit(1), stopWithinMs).unref()
    void stack.stop().then(() => process.exit(0))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  console.log(`ready ${JSON.stringify(stack.ready)}`)
}

main().catch((error: unknown) => {
  console.error(error instanceof StartRefused ? error.message : error)
  process.exit(1)
})
