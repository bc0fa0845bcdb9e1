import { findTarget } from './demo/find-target.ts'
import { makeMailbox } from './demo/mailbox.ts'
import { playDemo } from './demo/play.ts'
import { readTarget, usage } from './demo/settings.ts'
import { StepFailed, Timeline } from './demo/timeline.ts'
import type { LogLine } from './lambda/invocation.ts'
import { readReplacements, StartRefused } from './settings.ts'
import { type LocalStack, startStack } from './stack.ts'

const startLimitSeconds = 120
const stopping = new AbortController()
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const

async function playOnOwnStack(timeline: Timeline): Promise<void> {
  let starting: Promise<LocalStack> | undefined
  const errors: string[] = []
  const log = ({ functionName, text }: LogLine) => {
    console.error(`${functionName}: ${text.trimEnd()}`)
    if (text.includes('"level":"ERROR"')) errors.push(functionName)
  }
  // A start that is broken off, or late, takes its folder along when it ends.
  const stop = async () =>
    await starting?.then(
      (stack) => stack.stop(),
      () => undefined,
    )
  exitOnSignal(stop)
  try {
    const { ready, triggers } = await timeline.play({
      title: 'Start a stack of its own',
      limitSeconds: startLimitSeconds,
      work: async (limit) => {
        starting = startStack({
          port: 0,
          directory: undefined,
          replacements: readReplacements(process.env),
          signal: AbortSignal.any([limit, stopping.signal]),
          log,
        })
        const stack = await starting
        return { value: stack, result: stack.ready.api }
      },
    })
    await playDemo(timeline, ready, {
      mailbox: makeMailbox(ready.mail),
      planDunning: () => triggers.clock.runNow('recado-dunning-each-quarter'),
    })
    await timeline.play({
      title: 'No function met an error meanwhile',
      work: async () => {
        if (errors.length > 0) throw new Error(`errors were logged by ${errors.join(', ')}`)
        return { value: undefined, result: 'nothing in their logs' }
      },
    })
  } finally {
    await stop()
  }
}

function exitOnSignal(stop: () => Promise<void>): void {
  for (const [name, code] of Object.entries(exitCodes)) {
    process.once(name, () => {
      stopping.abort()
      void stop().then(() => process.exit(code))
    })
  }
}

async function main(): Promise<void> {
  const target = readTarget(process.argv.slice(2))
  if (target === 'help') return console.log(usage)
  const timeline = new Timeline((line) => console.log(line))
  const startedAtMs = performance.now()
  if (target === undefined) await playOnOwnStack(timeline)
  else await playDemo(timeline, await findTarget(target))
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1)
  console.log(`\ndemo: ${timeline.played} steps passed in ${seconds} s`)
}

main().catch((error: unknown) => {
  if (stopping.signal.aborted) return
  const isTold = error instanceof StepFailed || error instanceof StartRefused
  console.error(isTold ? `demo: ${error.message}` : error)
  process.exit(1)
})
