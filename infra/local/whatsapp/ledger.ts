import { createHash } from 'node:crypto'
import type { Clock } from './clock.ts'
import { isoTime } from './clock.ts'

/** One call to `/messages` as it arrived, and what became of it. */
export interface LedgerCall {
  /** Grows with each change anywhere in the ledger: a cursor for `since`. */
  readonly sequence: number
  /** ISO 8601 UTC. */
  readonly at: string
  readonly phoneNumberId: string
  readonly version: string | undefined
  /** `biz_opaque_callback_data` of the call. */
  readonly attemptId: string | undefined
  /** As dialled: a phone or a business-scoped user id. */
  readonly to: string | undefined
  readonly type: string | undefined
  /** SHA-256 of the raw body, hexadecimal. */
  readonly bodyHash: string
  readonly body: unknown
  /** The behaviour that was played. */
  readonly meant: string | undefined
  /** Whether the message was taken, whatever the caller learnt. */
  readonly accepted: boolean
  /** HTTP status that was answered; undefined when the caller got none. */
  readonly httpStatus: number | undefined
  readonly code: number | undefined
  readonly wamid: string | undefined
}

/** One update told by webhook, with every answer that the receiver gave. */
export interface LedgerEvent {
  readonly sequence: number
  readonly eventId: string
  readonly at: string
  readonly phoneNumberId: string
  readonly kind: 'status' | 'message' | 'raw'
  readonly wamid: string | undefined
  readonly status: string | undefined
  readonly attemptId: string | undefined
  /** Updates of one POST share it. */
  readonly answers: readonly WebhookAnswer[]
  /** A receiver answered 200. */
  readonly acknowledged: boolean
  /** All attempts were used up. */
  readonly abandoned: boolean
}

export interface WebhookAnswer {
  readonly at: string
  readonly httpStatus?: number
  /** Why there was no answer, e.g. `ECONNREFUSED`, `timeout`. */
  readonly failure?: string
}

export interface Ledger {
  /** Pass it as `since` to get only what is new or has changed. */
  readonly cursor: number
  readonly calls: readonly LedgerCall[]
  readonly events: readonly LedgerEvent[]
  /** What is still under way: reports not yet told and webhooks not yet acknowledged. */
  readonly pending: { readonly reports: number; readonly webhooks: number }
}

type Editable<Row> = { -readonly [Key in keyof Row]: Row[Key] }
export type CallOutcome = Partial<
  Pick<LedgerCall, 'meant' | 'accepted' | 'httpStatus' | 'code' | 'wamid'>
>

/** Everything that happened at the wire, kept until it is cleared. */
export class LedgerBook {
  readonly #clock: Clock
  #sequence = 0
  #issued = 0
  #calls: Editable<LedgerCall>[] = []
  #events: Editable<LedgerEvent>[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  openCall(phoneNumberId: string, version: string | undefined, rawBody: Buffer): LedgerCall {
    const body = parsed(rawBody)
    const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<
      string,
      unknown
    >
    const call: LedgerCall = {
      ...this.#stamp(),
      phoneNumberId,
      version,
      attemptId: text(fields.biz_opaque_callback_data),
      to: text(fields.to) ?? text(fields.recipient),
      type: text(fields.status) ?? text(fields.type),
      bodyHash: createHash('sha256').update(rawBody).digest('hex'),
      body,
      meant: undefined,
      accepted: false,
      httpStatus: undefined,
      code: undefined,
      wamid: undefined,
    }
    this.#calls.push(call)
    return call
  }

  closeCall(call: LedgerCall, outcome: CallOutcome): void {
    Object.assign(call, outcome, { sequence: this.#next() })
  }

  openEvent(
    event: Pick<LedgerEvent, 'phoneNumberId' | 'kind' | 'wamid' | 'status' | 'attemptId'>,
  ): LedgerEvent {
    this.#issued += 1
    const opened = { answers: [], acknowledged: false, abandoned: false }
    const row = { ...this.#stamp(), eventId: `event-${this.#issued}`, ...event, ...opened }
    this.#events.push(row)
    return row
  }

  answered(event: LedgerEvent, answer: Omit<WebhookAnswer, 'at'>): void {
    Object.assign(event, {
      answers: [...event.answers, { at: isoTime(this.#clock.now()), ...answer }],
      acknowledged: event.acknowledged || answer.httpStatus === 200,
      sequence: this.#next(),
    })
  }

  abandon(event: LedgerEvent): void {
    Object.assign(event, { abandoned: true, sequence: this.#next() })
  }

  eventsAbout(wamid: string): readonly LedgerEvent[] {
    return this.#events.filter((event) => event.wamid === wamid)
  }

  clear(): void {
    this.#calls = []
    this.#events = []
  }

  /** Rows newer than `since`: a cursor, or an ISO time that is compared with `at`. */
  read(since: string | number | undefined, pending: Ledger['pending']): Ledger {
    const isNew = newerThan(since)
    return {
      cursor: this.#sequence,
      calls: this.#calls.filter(isNew).map((row) => ({ ...row })),
      events: this.#events.filter(isNew).map((row) => ({ ...row })),
      pending,
    }
  }

  #next(): number {
    this.#sequence += 1
    return this.#sequence
  }

  #stamp() {
    return { sequence: this.#next(), at: isoTime(this.#clock.now()) }
  }
}

function newerThan(since: string | number | undefined) {
  if (since === undefined || since === '') return () => true
  const cursor = Number(since)
  if (Number.isFinite(cursor)) return (row: { sequence: number }) => row.sequence > cursor
  const time = Date.parse(String(since))
  if (Number.isNaN(time)) throw new RangeError('since must be a cursor or an ISO 8601 time')
  return (row: { at: string }) => Date.parse(row.at) > time
}

function parsed(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'))
  } catch {
    return rawBody.toString('utf8')
  }
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
