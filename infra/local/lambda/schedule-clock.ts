import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { Invoke } from './invocation.ts'
import { parseScheduleExpression, type Rhythm } from './schedule-expression.ts'

export interface ScheduleEntry {
  readonly name: string
  readonly enabled: boolean
  readonly expression: string
  /** IANA name. */
  readonly timezone: string
  readonly target:
    | { readonly kind: 'function'; readonly functionName: string }
    | { readonly kind: 'queue'; readonly queueUrl: string }
  /** JSON for a function, the body for a queue; Scheduler's own event when undefined. */
  readonly input?: string | undefined
}

export interface ScheduleClockOptions {
  readonly schedules: readonly ScheduleEntry[]
  readonly region: string
  readonly accountId: string
  readonly invoke: Invoke
  readonly client: SQSClient
  /** Rates and retry waits are multiplied by it; `cron` and `at` follow the real clock. */
  readonly timeScale?: number
  readonly onError?: (scheduleName: string, error: Error) => void
}

interface Run {
  readonly scheduledAt: Date
  readonly attempt: number
  readonly executionId: string
}

/** Node fires a longer timer at once. */
const maxTimerMilliseconds = 2 ** 31 - 1

/** Waits before the two retries that Lambda gives an asynchronous invocation. */
const retryMilliseconds = [60_000, 120_000]

/**
 * Fires schedules as EventBridge Scheduler does: at their times, without waiting for the run
 * before, each run up to three times when its target fails.
 */
export class ScheduleClock {
  readonly #options: ScheduleClockOptions
  readonly #stopping = new AbortController()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #running = new Set<Promise<void>>()

  /** Starts every enabled schedule. Throws when an expression or time zone cannot be read. */
  constructor(options: ScheduleClockOptions) {
    this.#options = options
    const rhythms = options.schedules.map(
      (entry) => [entry, parseScheduleExpression(entry.expression, entry.timezone)] as const,
    )
    for (const [entry, rhythm] of rhythms) if (entry.enabled) this.#arm(entry, rhythm, new Date())
  }

  /** Runs a schedule once, now, enabled or not. Rejects when its target fails. */
  async runNow(name: string): Promise<void> {
    const entry = this.#options.schedules.find((schedule) => schedule.name === name)
    if (entry === undefined) throw new Error(`there is no schedule ${name}`)
    await this.#attempt(entry, { scheduledAt: new Date(), attempt: 1, executionId: randomUUID() })
  }

  /** Fires nothing more and waits for runs that are under way, at most `limitSeconds`. */
  async stop(limitSeconds = 3): Promise<void> {
    this.#stopping.abort()
    for (const timer of this.#timers.values()) clearTimeout(timer)
    const limit = new AbortController()
    const waited = delay(limitSeconds * 1000, undefined, { signal: limit.signal })
    await Promise.race([Promise.all(this.#running), waited])
    limit.abort()
    await waited.catch(() => undefined)
  }

  #arm(entry: ScheduleEntry, rhythm: Rhythm, after: Date): void {
    const dueAt = this.#nextOf(rhythm, after)
    if (dueAt === undefined) return
    const wait = Math.max(0, dueAt.getTime() - Date.now())
    const fire = () => {
      if (wait > maxTimerMilliseconds) return this.#arm(entry, rhythm, after)
      this.#run(entry, dueAt)
      this.#arm(entry, rhythm, dueAt)
    }
    this.#timers.set(entry.name, setTimeout(fire, Math.min(wait, maxTimerMilliseconds)))
  }

  /** A clock that slept through several times fires once for all of them. */
  #nextOf(rhythm: Rhythm, after: Date): Date | undefined {
    const now = Date.now()
    if (rhythm.kind === 'calendar') return rhythm.next(new Date(Math.max(after.getTime(), now)))
    const every = rhythm.everyMilliseconds * (this.#options.timeScale ?? 1)
    return new Date(Math.max(after.getTime() + every, now))
  }

  #run(entry: ScheduleEntry, scheduledAt: Date): void {
    const running = this.#attempts(entry, scheduledAt).finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  async #attempts(entry: ScheduleEntry, scheduledAt: Date): Promise<void> {
    const executionId = randomUUID()
    for (const [index, waitMilliseconds] of [...retryMilliseconds, undefined].entries()) {
      try {
        return await this.#attempt(entry, { scheduledAt, attempt: index + 1, executionId })
      } catch (error) {
        const reason = error instanceof Error ? error : new Error(String(error))
        this.#options.onError?.(entry.name, reason)
      }
      if (waitMilliseconds === undefined || !(await this.#wait(waitMilliseconds))) return
    }
  }

  async #attempt(entry: ScheduleEntry, run: Run): Promise<void> {
    const input = this.#inputOf(entry, run)
    const { target } = entry
    if (target.kind === 'queue') {
      const command = new SendMessageCommand({ QueueUrl: target.queueUrl, MessageBody: input })
      await this.#options.client.send(command)
      return
    }
    const result = await this.#options.invoke(target.functionName, JSON.parse(input))
    if (result.outcome === 'returned') return
    throw new Error(`${result.error.errorType}: ${result.error.errorMessage}`)
  }

  #inputOf(entry: ScheduleEntry, run: Run): string {
    const { region, accountId } = this.#options
    const arn = `arn:aws:scheduler:${region}:${accountId}:schedule/default/${entry.name}`
    const time = `${run.scheduledAt.toISOString().slice(0, 19)}Z`
    if (entry.input === undefined) return defaultEvent({ ...this.#options, arn, time, run })
    const keywords: Readonly<Record<string, string>> = {
      'schedule-arn': arn,
      'scheduled-time': time,
      'execution-id': run.executionId,
      'attempt-number': String(run.attempt),
    }
    return entry.input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (all, key) => keywords[key] ?? all)
  }

  /** False when the clock stops meanwhile. */
  async #wait(milliseconds: number): Promise<boolean> {
    const { signal } = this.#stopping
    const scaled = milliseconds * (this.#options.timeScale ?? 1)
    return delay(scaled, true, { signal }).catch(() => false)
  }
}

function defaultEvent(of: {
  readonly region: string
  readonly accountId: string
  readonly arn: string
  readonly time: string
  readonly run: Run
}): string {
  return JSON.stringify({
    version: '0',
    id: of.run.executionId,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: of.accountId,
    time: of.time,
    region: of.region,
    resources: [of.arn],
    detail: '{}',
  })
}
