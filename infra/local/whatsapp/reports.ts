import type { Plan, ReportStatus } from './behaviours.ts'
import { type Clock, type Timers, unixSeconds } from './clock.ts'
import { reportedError } from './graph-error.ts'
import type { LedgerBook } from './ledger.ts'
import type { BusinessNumber } from './numbers.ts'
import type { StoredMessage } from './people.ts'
import type { Settings } from './settings.ts'
import type { WebhookQueue } from './webhook-queue.ts'

/** A message that was accepted and now has a story to tell. */
export interface Accepted {
  readonly message: StoredMessage
  readonly number: BusinessNumber
  /** `service` or the template's category, in lower case. */
  readonly category: string
  /** Addressed by user id: the phone stays out of the reports. */
  readonly byUserId: boolean
}

interface Emission {
  readonly status: ReportStatus
  readonly afterMs: number
  /** When it happened, counted from acceptance; may be before it is told. */
  readonly happenedMs: number
}

interface Step {
  readonly plan: Plan
  readonly emission: Emission
  readonly onAnswer: (() => void) | undefined
}

interface Report {
  readonly status: ReportStatus
  readonly atMs: number
  readonly code: number | undefined
}

interface ReportParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly ledger: LedgerBook
  readonly webhooks: WebhookQueue
  readonly settings: () => Settings
}

/** Tells by webhook what became of accepted messages. */
export class Reports {
  readonly #parts: ReportParts
  #pending = 0

  constructor(parts: ReportParts) {
    this.#parts = parts
  }

  /** Reports that are planned and not yet handed to the webhook queue. */
  get pending(): number {
    return this.#pending
  }

  /** Plans the reports; settles when the first of them was answered by the receiver. */
  play(accepted: Accepted, plan: Plan): Promise<void> {
    return new Promise((resolve) => {
      let isFirst = true
      for (const emission of emissionsOf(plan, this.#parts.settings().delays)) {
        const onAnswer = isFirst ? resolve : undefined
        isFirst = false
        this.#pending += 1
        this.#parts.timers.after(emission.afterMs, () => {
          this.#pending -= 1
          this.#emit(accepted, { plan, emission, onAnswer })
        })
      }
    })
  }

  #emit(accepted: Accepted, step: Step): void {
    const { message, number } = accepted
    const { status, happenedMs } = step.emission
    const atMs = message.atMs + happenedMs
    message.reports.push({ status, atMs })
    const event = this.#parts.ledger.openEvent({
      phoneNumberId: number.phoneNumberId,
      kind: 'status',
      wamid: message.messageId,
      status,
      attemptId: message.attemptId,
    })
    this.#parts.webhooks.push({
      wabaId: number.wabaId,
      phoneNumberId: number.phoneNumberId,
      field: 'messages',
      kind: 'status',
      value: this.#value(accepted, { status, atMs, code: step.plan.code }),
      event,
      onAnswer: step.onAnswer,
    })
  }

  #value(accepted: Accepted, report: Report) {
    const { message, number, byUserId } = accepted
    const { person } = message
    const failed = report.status === 'failed'
    const status = {
      id: message.messageId,
      status: report.status,
      timestamp: unixSeconds(report.atMs),
      ...(byUserId ? {} : { recipient_id: person.waId }),
      ...(failed && !byUserId ? {} : { recipient_user_id: person.userId }),
      ...(message.attemptId === undefined ? {} : { biz_opaque_callback_data: message.attemptId }),
      ...this.#charge(accepted, report),
      ...(failed ? { errors: [reportedError(report.code ?? 131000)] } : {}),
    }
    const phone = byUserId ? {} : { wa_id: person.waId }
    const contact = { profile: { name: person.name }, ...phone, user_id: person.userId }
    return {
      messaging_product: 'whatsapp',
      metadata: metadataOf(number),
      ...(failed ? {} : { contacts: [contact] }),
      statuses: [status],
    }
  }

  #charge({ message, category }: Accepted, { status, atMs }: { status: string; atMs: number }) {
    if (status !== 'sent' && status !== 'delivered') return {}
    const pricing = { billable: true, pricing_model: 'PMP', type: 'regular', category }
    if (this.#parts.settings().webhooks.version >= 24) return { pricing }
    const expiry = status === 'sent' ? { expiration_timestamp: unixSeconds(atMs + 86_400_000) } : {}
    const conversation = {
      id: Buffer.from(message.person.userId).toString('hex'),
      ...expiry,
      origin: { type: category },
    }
    return { conversation, pricing }
  }
}

export function metadataOf(number: BusinessNumber): object {
  return {
    display_phone_number: number.displayPhoneNumber.replace(/\D/g, ''),
    phone_number_id: number.phoneNumberId,
  }
}

function emissionsOf(plan: Plan, delays: Settings['delays']): Emission[] {
  const lateMs = plan.late ? (plan.delayMs ?? delays.lateMs) : 0
  const times = [delays.sentMs, delays.deliveredMs, delays.readMs, delays.readMs * 2]
  const story = plan.reports.map((status, index) => {
    const afterMs = plan.early && index === 0 ? 0 : lateMs + (times[index] ?? 0)
    return { status, afterMs, happenedMs: afterMs }
  })
  if (plan.arrival === undefined) return story
  const lastMs = story.at(-1)?.afterMs ?? 0
  const again = story.map((emission, index) => ({
    ...emission,
    afterMs: lastMs + (times[plan.arrival === 'reversed' ? story.length - 1 - index : index] ?? 0),
  }))
  return plan.arrival === 'reversed' ? again.reverse() : [...story, ...again]
}
