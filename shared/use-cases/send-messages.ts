import type { DeliveryResult } from '../domain/delivery.ts'
import type { Durations } from '../domain/durations.ts'
import { learnedPhone } from '../domain/phone.ts'
import { decide, holdsLane, type Settlement } from '../domain/settlement.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { Clock } from '../ports/clock.ts'
import type { MailLayout } from '../ports/mail-layout.ts'
import type { MediaObjects } from '../ports/media-objects.ts'
import type { MailRequest, MessageProvider } from '../ports/message-provider.ts'
import type {
  ClaimedSend,
  EndedSend,
  HeldSend,
  MessageStore,
  SendReference,
  SettledSend,
} from '../ports/message-store.ts'
import type { ProviderMedia } from '../ports/provider-media.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { TaskQueue } from '../ports/task-queue.ts'
import { type CheckParts, checkDebt } from './check-debt.ts'
import { renderedSend } from './rendered-template.ts'
import { type BroughtMedia, bringMedia } from './upload-media.ts'

export interface SendParts {
  readonly messages: MessageStore
  readonly queue: TaskQueue
  readonly provider: MessageProvider
  readonly mail: MessageProvider<MailRequest>
  readonly providerMedia: ProviderMedia
  readonly objects: MediaObjects
  readonly layout: MailLayout
  readonly clock: Clock
  readonly randomness: Randomness
  readonly waits: Durations
  readonly alerts: Alerts
  /** Undefined: no finance system is asked. */
  readonly debts?: CheckParts
}

export interface SentBatch {
  readonly claimed: number
  readonly accepted: number
}

/**
 * Sends a batch: one call claims, the provider is called, one call settles. Chats go side by
 * side, the sends of one chat one after another; the batch ends before its lease.
 */
export function makeSendMessages(parts: SendParts) {
  return async (sends: readonly SendReference[]): Promise<SentBatch> => {
    const { messages, queue, randomness, clock, waits } = parts
    // Taken before the claim, so that it lies before the end of the lease on any clock.
    const startedAt = clock.now()
    const {
      sends: claimed,
      wakes,
      held,
      ended,
    } = await messages.claim({
      claimToken: randomness.uuid(),
      sends: sends.map((send) => ({ ...send, attemptId: randomness.uuid() })),
    })
    tellOfLimits(parts.alerts, held)
    tellOfTemplates(parts.alerts, ended)
    if (wakes.length > 0) await queue.wake(wakes)
    if (claimed.length === 0) return { claimed: 0, accepted: 0 }
    const lastCallAt = startedAt + (waits.leaseSeconds - waits.providerTimeoutSeconds) * 1000 * 0.9
    const lanes = Map.groupBy(claimed, (send) => `${send.tenantId}/${send.chatId}/${send.channel}`)
    const settled = (
      await Promise.all([...lanes.values()].map((lane) => sendLane(parts, lane, lastCallAt)))
    ).flat()
    const { wakes: next, openedBreakers } = await messages.settle(settled)
    for (const { tenantId, senderId, reason, code } of openedBreakers) {
      parts.alerts.raise('BreakerOpened', { tenantId, senderId, reason, code })
    }
    await queue.wake(next)
    const accepted = settled.filter(({ settlement }) => settlement.outcome === 'ACCEPTED').length
    return { claimed: claimed.length, accepted }
  }
}

/** Once a tenant and batch: what waits for room costs an alarm, not one for each message. */
function tellOfLimits(alerts: Alerts, held: readonly HeldSend[]): void {
  const limited = held.filter(({ reason }) => reason === 'unique-users-limit')
  for (const tenantId of new Set(limited.map((send) => send.tenantId))) {
    alerts.raise('SendRefusedByLimit', { tenantId, code: 'unique-users-limit' })
  }
}

/** Once a tenant, reason and batch. */
function tellOfTemplates(alerts: Alerts, ended: readonly EndedSend[]): void {
  const blocked = ended.filter(({ reason }) => reason.startsWith('template-'))
  const told = Map.groupBy(blocked, ({ tenantId, reason }) => `${tenantId} ${reason}`)
  for (const [first] of told.values()) {
    if (first === undefined) continue
    alerts.raise('TemplateBlocked', { tenantId: first.tenantId, code: first.reason })
  }
}

/** One after another; what follows a send that must wait is not called. */
async function sendLane(
  parts: SendParts,
  lane: readonly ClaimedSend[],
  lastCallAt: number,
): Promise<SettledSend[]> {
  const settled: SettledSend[] = []
  let waiting = false
  for (const send of lane) {
    const mayCall: boolean = !waiting && parts.clock.now() <= lastCallAt
    const ended: Ended = mayCall ? await sendOne(parts, send, lastCallAt) : notCalled
    waiting ||= holdsLane(ended.settlement)
    settled.push({
      tenantId: send.tenantId,
      taskId: send.taskId,
      attemptId: send.attemptId,
      fence: send.fence,
      ...ended,
    })
  }
  return settled
}

type Ended = Pick<SettledSend, 'settlement' | 'learnedPhone' | 'uploads'>

const waitsItsTurn: Settlement = {
  outcome: 'NOT_CALLED',
  reason: 'waits-its-turn',
  retryInSeconds: 0,
}
const notCalled: Ended = { settlement: waitsItsTurn }

/** Its debt and its files first: they count against the time in which the batch may call. */
async function sendOne(parts: SendParts, send: ClaimedSend, lastCallAt: number): Promise<Ended> {
  const { content: said, media, debt } = send
  if (debt !== undefined && parts.debts !== undefined) {
    const within = lastCallAt - parts.clock.now()
    const settlement = await checkDebt(parts.debts, send.tenantId, { debt, within })
    if (settlement !== undefined) return { settlement }
    if (parts.clock.now() > lastCallAt) return notCalled
  }
  if (said === undefined) return rejected('content-gone')
  const content = renderedSend(parts.layout, { ...send, content: said })
  if (content === undefined) return rejected('template-parameters')
  // A mail carries its files itself.
  if (media.length === 0 || send.channel === 'EMAIL') {
    return afterAnswer(parts, send, await call(parts, { ...send, content }))
  }
  const brought = await bringMedia(parts, send, () => lastCallAt - parts.clock.now())
  return {
    ...(await sendBrought(parts, { ...send, content }, { ...brought, lastCallAt })),
    uploads: brought.uploads,
  }
}

function rejected(reason: 'content-gone' | 'template-parameters'): Ended {
  return { settlement: { outcome: 'REJECTED', reason } }
}

type SendWithContent = ClaimedSend & { content: NonNullable<ClaimedSend['content']> }

async function sendBrought(
  parts: SendParts,
  send: SendWithContent,
  { ids, failure, lastCallAt }: BroughtMedia & { lastCallAt: number },
): Promise<Ended> {
  if (failure?.outcome === 'unknown') return uploadLost(parts)
  if (failure !== undefined) return afterAnswer(parts, send, failure)
  if (parts.clock.now() > lastCallAt) return notCalled
  return afterAnswer(parts, send, await call(parts, send, ids))
}

/** A file that nobody uses harms nobody: it is simply brought again. */
function uploadLost({ waits, randomness }: SendParts): Ended {
  const retryInSeconds = waits.uploadRetrySeconds * (0.5 + randomness.fraction())
  return { settlement: { outcome: 'NOT_CALLED', reason: 'media-upload-lost', retryInSeconds } }
}

function afterAnswer(parts: SendParts, send: ClaimedSend, result: DeliveryResult): Ended {
  const settlement = decide(result, {
    attempts: send.attempts,
    waits: parts.waits,
    fraction: parts.randomness.fraction(),
  })
  const learned = learnedFrom(result, send)
  return { settlement, ...(learned !== undefined && { learnedPhone: learned }) }
}

function learnedFrom(result: DeliveryResult, { recipient }: ClaimedSend): string | undefined {
  if (result.outcome !== 'accepted' || result.waId === undefined) return undefined
  return learnedPhone(result.waId, 'phone' in recipient ? recipient.phone : undefined)
}

/** A provider that throws is a bug of ours met after it may have sent: its answer is lost. */
async function call(
  parts: SendParts,
  send: SendWithContent,
  media?: ReadonlyMap<string, string>,
): Promise<DeliveryResult> {
  try {
    return await (send.channel === 'EMAIL' ? mail(parts, send) : dial(parts, send, media))
  } catch {
    return { outcome: 'unknown', detail: 'unreadable-answer' }
  }
}

function dial(
  { provider }: SendParts,
  { attemptId, sender, recipient, content, replyTo }: SendWithContent & { channel: 'WHATSAPP' },
  media: ReadonlyMap<string, string> | undefined,
): Promise<DeliveryResult> {
  return provider.send({
    ...{ attemptId, sender, recipient, content },
    ...(media && { media }),
    ...(replyTo !== undefined && { replyTo }),
  })
}

function mail(
  parts: SendParts,
  {
    attemptId,
    tenantId,
    sender,
    recipient,
    content,
    media,
  }: SendWithContent & { channel: 'EMAIL' },
): Promise<DeliveryResult> {
  return parts.mail.send({ attemptId, tenantId, sender, recipient, content, files: media })
}
