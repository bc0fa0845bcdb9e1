import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Closing } from '#infra/local/closing.ts'
import { type Luck, makeLuck } from '../simulation/luck.ts'
import { type Campaign, campaignOf } from './campaign.ts'
import { scanCampaign } from './canary.ts'
import { openChats, planPosts, runClients } from './clients.ts'
import { breakProduct } from './controls.ts'
import { type Figures, figuresOf } from './figures.ts'
import { brokenInvariants, type Violation } from './invariants.ts'
import { emptyLedgers } from './ledgers.ts'
import { loadLedgers } from './load-ledgers.ts'
import { runForgers, runPeople } from './people.ts'
import { plantPoison } from './poison.ts'
import { untilQuiet } from './quiet.ts'
import { endWeather, runStorms, startWeather } from './storms.ts'
import { traceOf } from './trace.ts'
import { startWorld, type World } from './world.ts'

export interface RealTierOptions {
  readonly seed: number
  /** A run of about two minutes instead of a quarter of an hour. */
  readonly isCut: boolean
  /** Name of a control: the product is made worse, and the run must find out. */
  readonly breaks?: string | undefined
  /** Tells what is going on. */
  readonly say: (line: string) => void
}

export interface Report {
  readonly tier: 'real'
  readonly seed: number
  readonly figures: Figures
  readonly violations: readonly Violation[]
  /** Nothing was broken; with a control: what it breaks was found. */
  readonly isGood: boolean
  /** Everything known about the messages of the violations. */
  readonly traces: readonly string[]
}

/**
 * Runs the product on real parts, its compute in processes that die by SIGKILL, while everything
 * around it fails; then lets it come to rest and asks every invariant. A violation is in the
 * report; it throws only when the harness itself cannot go on.
 */
export async function runRealTier(options: RealTierOptions): Promise<Report> {
  const closing = new Closing()
  try {
    const directory = await mkdtemp(join(tmpdir(), 'recado-faults-'))
    closing.add(() => rm(directory, { recursive: true, force: true }))
    // PostgreSQL runs as another user when this process is root, and must pass through.
    await chmod(directory, 0o711)
    return await run(options, directory, closing)
  } finally {
    await closing.close()
  }
}

async function run(
  { seed, isCut, breaks, say }: RealTierOptions,
  directory: string,
  closing: Closing,
): Promise<Report> {
  const campaign = campaignOf(seed, isCut)
  const luck = makeLuck(seed, 'real')
  const lap = stopwatch(say)
  const world = await startWorld(campaign, luck, { directory, closing })
  const control = breaks === undefined ? undefined : await breakProduct(world.owner, breaks)
  const startSeconds = lap('everything answers')
  const ledgers = emptyLedgers()
  const { chats, posts } = await rage({ campaign, luck, world, ledgers })
  const rageSeconds = lap('the faults are over')
  const { seconds: quietSeconds, left } = await untilQuiet(
    { ...world, outstandingWebhooks: world.webhooks.outstanding },
    campaign.quietSeconds,
  )
  lap('quiet')
  const provider = world.phones.ledger()
  // Before the ledgers lie beside the tables: they are the harness's own words.
  const canary = await scanCampaign(world, { chats, posts, ledgers, provider })
  lap('canaries looked for')
  await loadLedgers(world.owner, { ledgers, posts, provider })
  const ofMessages = [
    ...unquiet(left, campaign),
    ...world.fleet.deaths.map(deathByItself),
    ...(await brokenInvariants(world.owner)),
  ]
  const figures = await figuresOf(world, ledgers, provider)
  // A leak names places and counts, no messages.
  const traces = await traceOf(world.owner, ofMessages)
  const violations = [...canary.violations, ...ofMessages]
  const totalSeconds = lap('checked')
  const seconds = { startSeconds, rageSeconds, quietSeconds, totalSeconds }
  const durations = Object.entries(seconds).map(([name, value]) => [name, value.toFixed(1)])
  const restarts = { 'database restarts': campaign.databaseRestarts }
  return {
    tier: 'real',
    seed,
    figures: { ...figures, ...canary.figures, ...restarts, ...Object.fromEntries(durations) },
    violations,
    isGood:
      control === undefined
        ? violations.length === 0
        : violations.some(({ invariant }) => invariant === control.breaks),
    traces,
  }
}

/** Traffic and faults together, until both are over. Answers the chats, and what clients were to post. */
async function rage(run: {
  readonly campaign: Campaign
  readonly luck: Luck
  readonly world: World
  readonly ledgers: ReturnType<typeof emptyLedgers>
}) {
  const { campaign, luck, world, ledgers } = run
  const { gateway } = world.fleet
  const road = { gateway, luck: luck.fork('clients') }
  const chats = await openChats(road, world.tokens, campaign.chats)
  const posts = planPosts(campaign, chats, luck.fork('posts'))
  startWeather(world)
  await Promise.all([
    runClients(road, posts, ledgers),
    runPeople(world.phones, { campaign, chats, ledgers, luck: luck.fork('people') }),
    runForgers(gateway, { campaign, ledgers, luck: luck.fork('forgers') }),
    plantPoison(world.sqs, world.queueUrls, { campaign, ledgers, luck: luck.fork('poison') }),
    runStorms(world, campaign, luck.fork('storms')),
  ])
  endWeather(world)
  return { chats, posts }
}

function unquiet(left: Readonly<Record<string, number>>, campaign: Campaign): Violation[] {
  const found = Object.keys(left).length
  if (found === 0) return []
  const says = `all is quiet ${campaign.quietSeconds} s after the last fault`
  return [{ invariant: 'I12', says, found, examples: [left] }]
}

function deathByItself(lastWords: string): Violation {
  const says = 'a compute process dies only when it is killed'
  return { invariant: 'process', says, found: 1, examples: [{ lastWords }] }
}

function stopwatch(say: (line: string) => void): (what: string) => number {
  const startedAt = performance.now()
  let lastAt = startedAt
  return (what) => {
    const now = performance.now()
    const seconds = (now - lastAt) / 1000
    lastAt = now
    say(`${((now - startedAt) / 1000).toFixed(1).padStart(7)} s  ${what}`)
    return what === 'checked' ? (now - startedAt) / 1000 : seconds
  }
}

/** The report as people read it; how to run it again is in the first line. */
export function reportLines(report: Report): string[] {
  const { seed, figures, violations, traces } = report
  return [
    `real tier, seed ${seed}: ${violations.length} invariants broken`,
    ...Object.entries(figures).map(([name, value]) => `  ${name.padEnd(34)} ${value}`),
    ...violations.flatMap(({ invariant, says, found, examples }) => [
      `VIOLATED ${invariant} (${says}): ${found}, seed ${seed}`,
      ...examples.map((example) => `    ${JSON.stringify(example)}`),
    ]),
    ...traces,
  ]
}

/** `main.ts [--seed N] [--cut] [--break CONTROL]`: exits with 1 when the report is not good. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      cut: { type: 'boolean', default: false },
      break: { type: 'string' },
    },
  })
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const report = await runRealTier({ seed, isCut: values.cut, breaks: values.break, say })
  for (const line of reportLines(report)) say(line)
  process.exitCode = report.isGood ? 0 : 1
}

if (import.meta.main) await main()
