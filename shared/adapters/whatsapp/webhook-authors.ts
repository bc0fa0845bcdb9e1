import { metaId, waId } from '#shared/contracts/whatsapp-webhook.ts'
import type { Author } from '#shared/domain/author.ts'
import { record } from './well-formed.ts'

/** Where Meta names a person, and by what. A business card that somebody sends is not among them. */
const naming: ReadonlyMap<string, Author['kind']> = new Map([
  ['from', 'phone'],
  ['to', 'phone'],
  ['recipient_id', 'phone'],
  ['recipient_participant_id', 'phone'],
  ['wa_id', 'phone'],
  ['from_user_id', 'user-id'],
  ['previous_user_id', 'user-id'],
  ['recipient_user_id', 'user-id'],
  ['to_user_id', 'user-id'],
  ['user_id', 'user-id'],
  ['from_parent_user_id', 'parent-user-id'],
  ['parent_recipient_user_id', 'parent-user-id'],
  ['parent_user_id', 'parent-user-id'],
  ['recipient_parent_user_id', 'parent-user-id'],
])

/** Where to look: the parts of an item, and of a body that was never split into items. */
const holding: ReadonlySet<string> = new Set([
  ...['entry', 'changes', 'value', 'payload', 'contact', 'contacts', 'system'],
  ...['messages', 'statuses', 'message_echoes', 'user_preferences'],
])

/** An item names one or two; a body that could not be split names many. */
const mostAuthors = 100

/**
 * Who wrote a webhook item, or whom it is about, as far as it can be told of an item that nobody could
 * read: at most 100. Takes any JSON value and never throws.
 */
export function authorsOfItem(item: unknown): readonly Author[] {
  const found = new Map<string, Author>()
  const left: unknown[] = [item]
  while (left.length > 0 && found.size < mostAuthors) {
    const part = left.pop()
    // One by one: a call takes fewer arguments than a list may have members.
    for (const inner of partsOf(part)) left.push(inner)
    for (const author of namedIn(part)) found.set(`${author.kind} ${author.value}`, author)
  }
  return [...found.values()].slice(0, mostAuthors)
}

function partsOf(part: unknown): readonly unknown[] {
  if (Array.isArray(part)) return part
  return Object.entries(record(part) ?? {}).flatMap(([key, value]) =>
    holding.has(key) ? [value] : [],
  )
}

function namedIn(part: unknown): readonly Author[] {
  const fields = record(part) ?? {}
  return Object.entries(fields).flatMap(([key, written]) => {
    const kind = naming.get(key)
    // What we wrote ourselves, on the business's own phone, is about whom it went to.
    if (kind === undefined || (key === 'from' && 'to' in fields)) return []
    const value = (kind === 'phone' ? waId : metaId).safeParse(written).data
    return value === undefined ? [] : [{ kind, value }]
  })
}
