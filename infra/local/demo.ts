import { makePhones } from './demo/phones.ts'
import { makeRecadoApi } from './demo/recado-api.ts'
import { readTarget, type Target, usage } from './demo/settings.ts'
import { playStory } from './demo/story.ts'
import { StepFailed, Timeline } from './demo/timeline.ts'
import type { LogLine } from './lambda/invocation.ts'
import { readReplacements, StartRefused } from './settings.ts'
import { type LocalStack, startStack } from './stack.ts'

const startLimitSeconds = 60
const restoreLimitMs = 10_000

async function play(timeline: Timeline, target: Target): Promise<void> {
  const phones = makePhones(target.whatsapp)
  const before = await timeline.play({
    title: 'Find the phones',
    work: async (limit) => ({ value: await phones.delays(limit), result: target.whatsapp }),
  })
  try {
    await playStory({ timeline, phones, api: makeRecadoApi(target.api, target.token) })
  } finally {
    await phones.setDelays(AbortSignal.timeout(restoreLimitMs), before).catch((error: Error) => {
      console.error(`demo: the phones' reports stay slow: ${error.message}`)
    })
  }
}

async function playOnOwnStack(timeline: Timeline): Promise<void> {
  let stack: LocalStack | undefined
  const errors: string[] = []
  const log = ({ functionName, text }: LogLine) => {
    console.error(`${functionName}: ${text.trimEnd()}`)
    if (text.includes('"level":"ERROR"')) errors.push(functionName)
  }
  const stop = async () => await stack?.stop()
  process.once('SIGINT', () => void stop().then(() => process.exit(130)))
  process.once('SIGTERM', () => void stop().then(() => process.exit(143)))
  try {
    const { ready } = await timeline.play({
      title: 'Start a stack of its own',
      limitSeconds: startLimitSeconds,
      work: async () => {
        stack = await startStack({
          port: 0,
          directory: undefined,
          replacements: readReplacements(process.env),
          log,
        })
        return { value: stack, result: stack.ready.api }
      },
    })
    await play(timeline, ready)
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

async function main(): Promise<void> {
  const target = readTarget(process.argv.slice(2))
  if (target === 'help') return console.log(usage)
  const timeline = new Timeline((line) => console.log(line))
  const startedAtMs = performance.now()
  await (target === undefined ? playOnOwnStack(timeline) : play(timeline, target))
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1)
  console.log(`\ndemo: ${timeline.played} steps passed in ${seconds} s`)
}

main().catch((error: unknown) => {
  const isTold = error instanceof StepFailed || error instanceof StartRefused
  console.error(isTold ? `demo: ${error.message}` : error)
  process.exit(1)
})
