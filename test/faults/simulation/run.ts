import { makeClients } from './clients.ts'
import { emptyToll, plannedFate, randomFate, type Toll } from './fate.ts'
import { makeHabits } from './habits.ts'
import { type EmittedEvent, emptyLedgers, type Ledgers } from './ledgers.ts'
import { type Luck, makeLuck } from './luck.ts'
import { planInbound, planPoison, planPosts } from './plans.ts'
import { type Surroundings, spawn } from './process.ts'
import { makeProvider } from './provider.ts'
import { type DeadLetter, makeQueue, type Queue } from './queue.ts'
import type { Rows } from './rows.ts'
import { makeSimulation, type Simulation, type SimulationOptions } from './scheduler.ts'
import type { Setting } from './setting.ts'
import type { BuiltSystem, Ground, Party, QueueName } from './system.ts'
import { makeWebhookSender } from './webhooks.ts'
import { planWishes } from './wishes.ts'

export type BuildSystem = (ground: Ground, setting: Setting) => Promise<BuiltSystem>

/** What a run left behind. */
export interface Evidence {
  readonly setting: Setting
  readonly ledgers: Ledgers
  readonly rows: Rows
  readonly deadLetters: readonly DeadLetter[]
  readonly parties: readonly Party[]
  readonly toll: Toll
  /** The crash points that were met. */
  readonly met: readonly { readonly point: string; readonly repeatable: boolean }[]
  /** Seconds from the end of the faults until nothing moved; undefined when that took too long. */
  readonly quietAfterSeconds: number | undefined
  readonly endedAt: number
}

const usualStart = Date.UTC(2026, 0, 5, 9)
const relayPeriodSeconds = 60
const quietWithinSeconds = 30 * 60
/** Planned faults strike late too, and a second one after the wait for the first. */
const quietAfterPlanSeconds = 3 * 3600
const stepSeconds = 15
/** A chunk of a webhook is unlucky twice at most: a third time would outlast the wait for it. */
const mercies: Readonly<Record<QueueName, number>> = {
  MESSAGE_SEND: Number.POSITIVE_INFINITY,
  MESSAGE_STATUS_CHECK: Number.POSITIVE_INFINITY,
  WEBHOOK_EVENT: 2,
  PERSON_ERASURE: Number.POSITIVE_INFINITY,
  PERSON_EXPORT: Number.POSITIVE_INFINITY,
  CHAT_CLEANUP: Number.POSITIVE_INFINITY,
}

export type RunOptions = Partial<SimulationOptions>

/** Runs one setting to its end: faults, then quiet. */
export async function run(
  setting: Setting,
  build: BuildSystem,
  options: RunOptions = {},
): Promise<Evidence> {
  const { startAt = usualStart } = options
  const simulation = makeSimulation({ ...options, startAt })
  const luck = makeLuck(setting.seed)
  const toll = emptyToll()
  const fate = fateOf(setting, luck, toll)
  const ledgers = emptyLedgers()
  const habits = makeHabits(setting, luck.fork('habits'), startAt)
  const around: Surroundings = { simulation, fate, luck: luck.fork('processes') }
  const queueLuck = luck.fork('queues')
  let isCalm = false
  const queueFaults = () => (isCalm ? 0 : setting.queueFaults)

  const queues = new Map<QueueName, Queue>()
  const emit = (emitted: EmittedEvent) => {
    // Our functions' clocks and the provider's are off to opposite sides.
    const event = { ...emitted, at: emitted.at - setting.skewSeconds * 1000 }
    ledgers.events.push(event)
    webhooks.emit(event)
  }
  const provider = makeProvider({ simulation, luck: luck.fork('provider'), ledgers, habits, emit })
  const built = await build(
    {
      simulation,
      luck: luck.fork('system'),
      ledgers,
      provider,
      enqueue: (queue, body, delaySeconds) => queues.get(queue)?.send(body, delaySeconds),
      waitingIn: (queue) => queues.get(queue)?.size() ?? 0,
      losesWake: () => queueLuck.chance(queueFaults()),
      // All of them lost would be reports that never arrive.
      losesChunk: () => queueLuck.chance(Math.min(0.3, queueFaults())),
    },
    setting,
  )
  const { system, parties } = built
  let funerals = 0
  const bury = (letter: DeadLetter): void => {
    funerals += 1
    spawn(around, {
      name: `dead-letter(${letter.queueMessageId})`,
      timeoutSeconds: 30,
      work: (process) => system.recordDeadLetter(process, letter),
      onEnd: ({ outcome }) => {
        funerals -= 1
        if (outcome !== 'done') simulation.after(180_000, () => bury(letter))
      },
    })
  }
  for (const name of Object.keys(system.queues) as QueueName[]) {
    const [shape, consume] = [system.queues[name], system.consume[name]]
    if (shape === undefined || consume === undefined) continue
    const queue = makeQueue(
      { ...around, luck: luck.fork(name) },
      {
        shape,
        consume,
        duplicates: queueFaults,
        mercyAfter: mercies[name],
        onDead: bury,
      },
    )
    queues.set(name, queue)
  }
  const webhooks = makeWebhookSender(
    { ...around, luck: luck.fork('webhooks') },
    {
      habits: {
        copies: () => (setting.script === undefined && queueLuck.chance(0.3) ? 1 : 0),
        gatherMs: setting.script === undefined ? 400 : 0,
      },
      wabaOf: (id) => parties.find(({ phoneNumberId }) => phoneNumberId === id)?.wabaId ?? '',
      receive: (process, body) => system.receiveWebhook(process, body),
    },
  )
  const chances = setting.script === undefined ? 1 : 0
  const clients = makeClients(
    { ...around, luck: luck.fork('clients') },
    {
      doors: system.doors,
      ledgers,
      habits: {
        doubleShare: 0.05 * chances,
        otherBodyShare: 0.02 * chances,
        cancelShare: 0.02 * chances,
      },
    },
  )
  planPosts({ simulation, luck: luck.fork('posts'), setting, parties }, clients)
  planInbound({ simulation, luck: luck.fork('people'), setting, parties }, emit)
  planPoison({ simulation, luck: luck.fork('poison'), setting, parties }, (name, body) => {
    ledgers.planted.push({ queue: name, body })
    queues.get(name)?.send(body, 0)
  })
  const wishes =
    system.upkeep &&
    planWishes({
      ...{ simulation, luck: luck.fork('wishes'), setting, parties },
      ...{ around, upkeep: system.upkeep, ledgers },
    })
  const tick = () => {
    simulation.after(relayPeriodSeconds * 1000, tick)
    spawn(around, {
      name: 'relay',
      timeoutSeconds: 50,
      work: (process) => system.relay(process),
      onEnd: () => undefined,
    })
  }
  simulation.after(luck.upTo(relayPeriodSeconds * 1000), tick)

  await simulation.runUntil(startAt + setting.spanSeconds * 1000)
  isCalm = true
  habits.calm()
  if ('calm' in fate) fate.calm()
  const isQuiet = async () =>
    clients.outstanding() + webhooks.outstanding() + provider.outstanding() + funerals === 0 &&
    (wishes?.outstanding() ?? 0) === 0 &&
    [...queues.values()].every((queue) => queue.size() === 0) &&
    (await built.isSettled())
  const limit = setting.plan === undefined ? quietWithinSeconds : quietAfterPlanSeconds
  const quietAfterSeconds = await waitForQuiet(simulation, isQuiet, limit)
  const rows = await built.rows()
  await built.close()
  return {
    setting,
    ledgers,
    rows,
    parties,
    toll,
    met: 'met' in fate ? fate.met : [],
    deadLetters: [...queues.values()].flatMap(({ deadLetters }) => deadLetters),
    quietAfterSeconds,
    endedAt: simulation.clock.now(),
  }
}

function fateOf(setting: Setting, luck: Luck, toll: Toll) {
  return setting.plan === undefined
    ? randomFate(luck.fork('fate'), setting.faults, toll)
    : plannedFate(setting.plan, toll)
}

async function waitForQuiet(
  simulation: Simulation,
  isQuiet: () => Promise<boolean>,
  withinSeconds: number,
): Promise<number | undefined> {
  for (let seconds = 0; seconds <= withinSeconds; seconds += stepSeconds) {
    if (await isQuiet()) return seconds
    await simulation.runUntil(simulation.clock.now() + stepSeconds * 1000)
  }
  return undefined
}
