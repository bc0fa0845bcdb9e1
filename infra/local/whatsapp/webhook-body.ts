import type { LedgerEvent } from './ledger.ts'

/** One update on its way to the webhook. */
export interface Update {
  readonly wabaId: string
  readonly phoneNumberId: string
  readonly field: string
  /** Updates of one kind about one number may share a change; `raw` ones stay alone. */
  readonly kind: LedgerEvent['kind']
  readonly value: MessagesValue
  readonly event: LedgerEvent
  /** Called after the first answer, whatever it was. */
  readonly onAnswer?: (() => void) | undefined
}

/** `value` of a change; statuses and messages are lists that grow when updates are packed. */
interface MessagesValue {
  readonly contacts?: readonly object[]
  readonly messages?: readonly object[]
  readonly statuses?: readonly object[]
  readonly [key: string]: unknown
}

const updatesPerChange = 100

/**
 * One webhook body for these updates: an entry for each business account, in it a change for each
 * number and kind, and never more than 100 updates in a change, so that a full batch exercises all
 * three levels that a receiver has to walk.
 */
export function webhookBody(updates: readonly Update[], nowMs: number): object {
  const byAccount = Map.groupBy(updates, ({ wabaId }) => wabaId)
  return {
    object: 'whatsapp_business_account',
    entry: [...byAccount].map(([id, ofAccount]) => ({
      id,
      ...(ofAccount.every(({ field }) => field === 'messages')
        ? {}
        : { time: Math.floor(nowMs / 1000) }),
      changes: changesOf(ofAccount),
    })),
  }
}

function changesOf(updates: readonly Update[]): object[] {
  let alone = 0
  const groups = Map.groupBy(updates, ({ kind, field, phoneNumberId }) => {
    alone += kind === 'raw' ? 1 : 0
    return `${field}:${phoneNumberId}:${kind}:${kind === 'raw' ? alone : ''}`
  })
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / updatesPerChange) }, (_, index) => {
      const part = group.slice(index * updatesPerChange, (index + 1) * updatesPerChange)
      return { field: part[0]?.field, value: merged(part.map(({ value }) => value)) }
    }),
  )
}

function merged(values: readonly MessagesValue[]): MessagesValue {
  const [first = {}, ...others] = values
  if (others.length === 0) return first
  return {
    ...first,
    ...joined('contacts', values),
    ...joined('messages', values),
    ...joined('statuses', values),
  }
}

function joined(key: 'contacts' | 'messages' | 'statuses', values: readonly MessagesValue[]) {
  const all = values.flatMap((value) => value[key] ?? [])
  if (all.length === 0) return {}
  const distinct = new Map(all.map((item) => [JSON.stringify(item), item]))
  return { [key]: key === 'contacts' ? [...distinct.values()] : all }
}
