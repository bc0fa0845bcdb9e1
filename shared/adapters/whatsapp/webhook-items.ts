import { accountFields } from './webhook-fields.ts'
import { boundedJson, record } from './well-formed.ts'

/**
 * One message, status or other news of a webhook, self-contained and plain JSON: it can travel
 * through a queue alone and be translated anywhere. Strings are as Meta wrote them.
 */
export interface WebhookItem {
  readonly kind: 'message' | 'echo' | 'preference' | 'status' | 'account' | 'other'
  /** Why an `other` is not read: `unknown-field`, `malformed`; `account-error` of an `account`. */
  readonly reason?: string
  /** `entry.id`, `entry.time` and `change.field` as received. */
  readonly wabaId?: unknown
  readonly time?: unknown
  readonly field?: unknown
  readonly metadata?: unknown
  /** The one of the siblings in `contacts` that the item is about. */
  readonly contact?: unknown
  readonly payload: unknown
}

type Json = Readonly<Record<string, unknown>>
type Kind = Pick<WebhookItem, 'kind' | 'reason'>

/** The lists of a change whose members are news of their own. */
const lists: readonly (readonly [key: string, kind: Kind])[] = [
  ['messages', { kind: 'message' }],
  ['statuses', { kind: 'status' }],
  ['errors', { kind: 'account', reason: 'account-error' }],
  ['message_echoes', { kind: 'echo' }],
  ['user_preferences', { kind: 'preference' }],
]
const listedFields: readonly unknown[] = [
  'messages',
  'smb_message_echoes',
  'user_preferences',
  undefined,
]
const malformed: Kind = { kind: 'other', reason: 'malformed' }
const unknownField: Kind = { kind: 'other', reason: 'unknown-field' }

/**
 * Splits a webhook body into its items: one per message, echo, preference, status and account error,
 * one per change of any other field, and one per part that has no such form, so that nothing is dropped.
 * Takes any JSON value and never throws.
 */
export function splitWebhook(body: unknown): WebhookItem[] {
  const entries = record(body)?.entry
  const items = Array.isArray(entries) ? entries.flatMap(splitEntry) : [item(malformed, {}, body)]
  return items.map((each) => boundedJson(each) as WebhookItem)
}

function splitEntry(entry: unknown): WebhookItem[] {
  const { id, time, changes } = record(entry) ?? {}
  if (!Array.isArray(changes)) return [item(malformed, {}, entry)]
  return changes.flatMap((change) => splitChange({ wabaId: id, time }, change))
}

function splitChange(origin: Partial<WebhookItem>, change: unknown): WebhookItem[] {
  const { field, value } = record(change) ?? {}
  const source = { ...origin, field }
  if (accountFields.has(field)) return [item({ kind: 'account' }, source, value)]
  if (!listedFields.includes(field)) return [item(unknownField, source, value)]
  const content = record(value)
  const present = lists.filter(([key]) => (content?.[key] ?? null) !== null)
  if (content === undefined || present.length === 0) return [item(malformed, source, change)]
  const contactOf = contactFinder(content)
  const siblings = { ...source, metadata: content.metadata }
  return present.flatMap(([key, kind]) => {
    const members = content[key]
    if (!Array.isArray(members)) return [item(malformed, siblings, { [key]: members })]
    return members.map((member) => item(kind, { ...siblings, contact: contactOf(member) }, member))
  })
}

function item(kind: Kind, source: Partial<WebhookItem>, payload: unknown): WebhookItem {
  const known = Object.entries(source).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(known), ...kind, payload: payload ?? null }
}

/**
 * Finds the contact of a message or status by phone id, then by user id. Either may be missing on
 * both sides; a lone contact beside a lone item is taken unless their ids contradict each other.
 */
function contactFinder(content: Json): (member: unknown) => Json | undefined {
  const contacts = list(content.contacts)
    .map(record)
    .filter((contact) => contact !== undefined)
  const byWaId = new Map(contacts.map((contact) => [text(contact.wa_id), contact]))
  const byUserId = new Map(contacts.map((contact) => [text(contact.user_id), contact]))
  const memberCount = list(content.messages).length + list(content.statuses).length
  const lone = contacts.length === 1 && memberCount === 1 ? contacts[0] : undefined
  return (member) => {
    const { waId, userId } = personOf(member)
    const named =
      (waId === undefined ? undefined : byWaId.get(waId)) ??
      (userId === undefined ? undefined : byUserId.get(userId))
    if (named !== undefined) return named
    const other = contradicts(lone?.wa_id, waId) || contradicts(lone?.user_id, userId)
    return other ? undefined : lone
  }
}

function personOf(member: unknown): { waId: string | undefined; userId: string | undefined } {
  const fields = record(member) ?? {}
  return {
    waId: text(fields.from) ?? text(fields.recipient_id),
    userId: text(fields.from_user_id) ?? text(fields.recipient_user_id),
  }
}

function contradicts(one: unknown, other: string | undefined): boolean {
  return text(one) !== undefined && other !== undefined && one !== other
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
