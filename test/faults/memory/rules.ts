import type { Channel } from '#shared/domain/channel.ts'
import type { ServiceWindow } from '#shared/domain/chat.ts'
import { deliveryTtlSeconds } from '#shared/domain/content.ts'
import type { FailureReason } from '#shared/domain/failure-reason.ts'
import { otherSpelling } from '#shared/domain/phone.ts'
import { addressOf } from './people.ts'
import type {
  ContactRow,
  MemoryDatabase,
  MessageRow,
  PersonRow,
  SenderRow,
  TenantRow,
} from './rows.ts'

const windowMs = 24 * 3_600_000

/** The contact last heard from on this channel, else the one known longest. */
export function contactFor(person: PersonRow, channel: Channel): ContactRow | undefined {
  const heardAt = (contact: ContactRow) => Math.max(0, ...contact.wroteTo.values())
  return person.contacts
    .filter((contact) => contact.channel === channel)
    .reduce<ContactRow | undefined>(
      (best, each) => (best === undefined || heardAt(each) > heardAt(best) ? each : best),
      undefined,
    )
}

/** The sender that the contact last wrote to, else the tenant's default. */
export function senderFor(tenant: TenantRow, contact: ContactRow): SenderRow | undefined {
  const heardAt = (sender: SenderRow) => contact.wroteTo.get(sender.senderId) ?? 0
  return tenant.senders
    .filter(
      (sender) => sender.channel === contact.channel && (sender.isDefault || heardAt(sender) > 0),
    )
    .sort((one, other) => heardAt(other) - heardAt(one))[0]
}

export function windowOf(db: MemoryDatabase, person: PersonRow): ServiceWindow {
  const tenant = db.tenants.get(person.tenantId)
  const contact = contactFor(person, 'WHATSAPP')
  const sender = tenant && contact && senderFor(tenant, contact)
  const heardAt = sender && contact?.wroteTo.get(sender.senderId)
  if (heardAt === undefined) return { open: false, expiresAt: undefined }
  const endsAt = heardAt + windowMs
  return { open: endsAt > db.now(), expiresAt: new Date(endsAt).toISOString() }
}

export function isWindowOpen(
  db: MemoryDatabase,
  { contact, sender }: { contact: ContactRow; sender: SenderRow | undefined },
): boolean {
  const heardAt = contact.wroteTo.get(sender?.senderId ?? '')
  return heardAt !== undefined && heardAt + windowMs > db.now()
}

/** ALL stops every template, and what is written freely until the person writes again. */
export function isOptedOut({ optOuts, wroteTo }: ContactRow, isTemplate: boolean): boolean {
  const all = optOuts.get('ALL')
  if (all === undefined || all.restoredAt !== undefined) return false
  return isTemplate || ![...wroteTo.values()].some((at) => at > all.optedOutAt)
}

/** The fallback takes the content's place, once. Answers whether there was one. */
function useFallback(db: MemoryDatabase, message: MessageRow): boolean {
  const { waits } = db
  if (message.fallback === undefined) return false
  message.content = message.fallback
  message.fallback = undefined
  message.fallbackUsed = true
  message.reportTtlSeconds = Math.ceil(
    deliveryTtlSeconds(message.content, waits.deliveryTtlSeconds) + waits.deliveryGraceSeconds,
  )
  return true
}

/** What the rules say of a send whose turn it is: undefined to go, else why it must end. */
export function judge(db: MemoryDatabase, message: MessageRow): FailureReason | undefined {
  const isFree = message.content?.type !== 'template'
  if (isFree && message.channel === 'WHATSAPP' && !isWindowOpen(db, message)) {
    const isEnforced = db.tenants.get(message.tenantId)?.serviceWindow === 'enforced'
    if (!useFallback(db, message) && isEnforced) return 'service-window-closed'
  }
  const isTemplate = message.content?.type === 'template'
  if (message.origin === 'automatic') return undefined
  return isOptedOut(message.contact, isTemplate) ? 'opted-out' : undefined
}

/** Whether a failure leaves another way, which is then taken: each once. */
export function takeAnotherWay(
  db: MemoryDatabase,
  message: MessageRow,
  reason: string | undefined,
): boolean {
  const { sendTask, contact, status } = message
  const isOngoing = ['QUEUED', 'SENDING', 'SENT', 'UNKNOWN'].includes(status)
  if (!isOngoing || (message.expiresAt ?? 0) <= db.now() || sendTask === undefined) return false
  if (reason === 'service-window-closed') return useFallback(db, message)
  const recipient = addressOf(contact)
  const hasVariant = recipient?.kind === 'phone' && otherSpelling(recipient.value) !== undefined
  if (reason !== 'recipient-unreachable' || sendTask.isVariant || !hasVariant) return false
  sendTask.isVariant = true
  return true
}
