import type { DeliveryPolicy } from '#shared/domain/message.ts'
import { keyOf, type MemoryDatabase, type SenderRow } from './rows.ts'
import { changeTask } from './tasks.ts'

/** What operators add: rows as the administration writes them. */
export function addTenant(
  db: MemoryDatabase,
  tenant: {
    readonly deliveryPolicy?: DeliveryPolicy
    readonly serviceWindow?: 'enforced' | 'left-to-provider' | undefined
  } = {},
): string {
  const tenantId = db.nextId()
  db.tenants.set(tenantId, {
    tenantId,
    deliveryPolicy: tenant.deliveryPolicy ?? 'at-least-once',
    reopenDays: 7,
    chargedPerDay: undefined,
    // As everywhere under test: people are written to who never wrote.
    serviceWindow: tenant.serviceWindow ?? 'left-to-provider',
    chargedDays: new Map(),
    senders: [],
    chats: [],
  })
  return tenantId
}

export function addClient(
  db: MemoryDatabase,
  tenantId: string,
  { ratePerSecond, burst }: { ratePerSecond: number; burst: number },
): string {
  const clientId = db.nextId()
  const bucket = { ratePerSecond, burst, tokens: burst, tokensAt: db.now() }
  db.clients.set(keyOf(tenantId, clientId), { tenantId, clientId, ...bucket, isDisabled: false })
  return clientId
}

export function addSender(
  db: MemoryDatabase,
  sender: Pick<SenderRow, 'tenantId' | 'phoneNumberId' | 'wabaId'> & {
    readonly ratePerSecond: number
    readonly historyProbe?: boolean
  },
): string {
  const senderId = db.nextId()
  const row: SenderRow = {
    senderId,
    channel: 'WHATSAPP',
    secretName: 'secret',
    isDefault: true,
    portfolio: undefined,
    pace: undefined,
    pairs: new Map(),
    historyProbe: false,
    ...sender,
  }
  db.senders.set(senderId, row)
  db.tenants.get(sender.tenantId)?.senders.push(row)
  return senderId
}

const timesOf: Readonly<Record<string, readonly string[]>> = {
  clients: ['tokensAt'],
  keys: ['expiresAt'],
  chats: ['lastActivityAt', 'createdAt', 'updatedAt'],
  messages: ['statusAt', 'sendAt', 'expiresAt', 'createdAt'],
  tasks: ['plannedAt', 'dueAt', 'wokenAt', 'leaseUntil', 'firstAttemptAt', 'slotAt'],
  attempts: ['claimedAt', 'resolvedAt'],
}

/** Time goes by for everything that is stored: moves every time back, as the SQL world does. */
export function passTime(db: MemoryDatabase, seconds: number): void {
  const ms = seconds * 1000
  const tables = db as unknown as Record<string, ReadonlyMap<string, Record<string, unknown>>>
  for (const [table, names] of Object.entries(timesOf)) {
    for (const row of tables[table]?.values() ?? []) moveBack(row, names, ms)
  }
  const paces = [...db.senders.values()].flatMap(({ pace, pairs }) => [pace, ...pairs.values()])
  for (const pace of paces) {
    const times = ['nextSlotAt', 'openUntil', 'arrivalAt', 'silentUntil']
    if (pace !== undefined) moveBack(pace as unknown as Record<string, unknown>, times, ms)
  }
  for (const contact of new Set(db.identities.values())) {
    for (const [senderId, at] of contact.wroteTo) contact.wroteTo.set(senderId, at - ms)
    for (const optOut of contact.optOuts.values()) {
      moveBack(optOut, ['optedOutAt', 'restoredAt'], ms)
    }
  }
  reindex(db)
}

function moveBack(row: Record<string, unknown>, names: readonly string[], ms: number): void {
  for (const name of names) {
    const at = row[name]
    if (typeof at === 'number') row[name] = at - ms
  }
}

/** The old entries no longer count. */
function reindex(db: MemoryDatabase): void {
  for (const task of db.tasks.values()) changeTask(db, task, {})
}
