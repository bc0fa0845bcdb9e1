import { durations } from '#shared/domain/durations.ts'
import type { MessageStatus } from '#shared/domain/message.ts'
import type { Directory } from '#shared/ports/directory.ts'
import { addClient, addSender, addTenant } from '../memory/administration.ts'
import type { Audit, MemoryDatabase, MessageRow } from '../memory/rows.ts'
import { makeMemoryStores } from '../memory-store.ts'
import { makeProduct } from './product.ts'
import type { Rows, StatusChange } from './rows.ts'
import type { Setting } from './setting.ts'
import type { BuiltSystem, Ground, Party } from './system.ts'

/** The real use cases on the stores in memory. */
export async function buildMemorySystem(ground: Ground, setting: Setting): Promise<BuiltSystem> {
  const waits = durations()
  const { clock } = ground.simulation
  const history = auditing(() => clock.now())
  const { database, ...stores } = makeMemoryStores({ clock, waits, audit: history.audit })
  const parties: Party[] = []
  for (let index = 1; index <= setting.tenants; index += 1) {
    const tenantId = addTenant(database)
    const clientId = addClient(database, tenantId, { ratePerSecond: 500, burst: 2000 })
    const importer = addClient(database, tenantId, { ratePerSecond: 1, burst: setting.chats })
    const sender = { tenantId, phoneNumberId: `10000000${index}`, wabaId: `20000000${index}` }
    const senderId = addSender(database, {
      ...sender,
      ratePerSecond: setting.senderRatePerSecond,
      historyProbe: index === 2,
    })
    const chats: Party['chats'][number][] = []
    for (let chat = 0; chat < Math.ceil(setting.chats / setting.tenants); chat += 1) {
      const phone = `+551${index}9${80_000_000 + chat}`
      const opened = await stores.chats.open({
        tenantId,
        clientId: importer,
        request: { route: 'POST /chats', key: `open-${chat}`, body: '' },
        externalId: `person-${chat}`,
        name: undefined,
        contacts: [{ channel: 'WHATSAPP', address: phone }],
      })
      if (opened.outcome === 'refused') throw new Error(`no chat: ${opened.code}`)
      chats.push({ chatId: opened.chat.chatId, personId: opened.chat.person.personId, phone })
    }
    parties.push({ ...sender, clientId, senderId, chats })
  }
  return {
    parties,
    system: makeProduct(ground, {
      stores,
      directory: directoryOf(parties),
      history: { look: async () => historyAnswer(ground) },
      waits,
      clock: { now: () => clock.now() + setting.skewSeconds * 1000 },
    }),
    rows: async () => rowsOf(database, history),
    isSettled: async () => database.messages.values().every(isSettled),
    close: async () => undefined,
  }
}

/** A provider's history that is away or not there: what it could tell comes by webhook. */
function historyAnswer({ luck }: Ground) {
  return { outcome: luck.chance(0.5) ? ('unsupported' as const) : ('unavailable' as const) }
}

function directoryOf(parties: readonly Party[]): Directory {
  return {
    tenant: async (tenantId) => ({
      tenantId,
      timeZone: 'America/Sao_Paulo',
      wrappedIndexKey: new Uint8Array(),
      dataKeys: [],
    }),
    client: async () => undefined,
    whatsAppSender: async (phoneNumberId) =>
      parties.find((party) => party.phoneNumberId === phoneNumberId),
    whatsAppAccountTenants: async (wabaId) =>
      parties.filter((party) => party.wabaId === wabaId).map(({ tenantId }) => tenantId),
  }
}

function isSettled({ status, reason }: MessageRow): boolean {
  if (status === 'UNKNOWN') return reason === 'unresolved'
  return status !== 'QUEUED' && status !== 'SENDING'
}

interface History extends Pick<Rows, 'statusHistory' | 'attemptHistory'> {
  readonly audit: Audit
}

function auditing(now: () => number): History {
  const statusHistory: StatusChange[] = []
  const attemptHistory: { attemptId: string; to: string; at: number }[] = []
  return {
    statusHistory,
    attemptHistory,
    audit: {
      status({ messageId, status, direction }, from: MessageStatus | undefined) {
        if (direction === 'OUTBOUND' && status !== from) {
          statusHistory.push({ messageId, from, to: status, at: now() })
        }
      },
      outcome({ attemptId, outcome }) {
        attemptHistory.push({ attemptId, to: outcome, at: now() })
      },
    },
  }
}

function rowsOf(db: MemoryDatabase, { statusHistory, attemptHistory }: History): Rows {
  return {
    now: db.now(),
    messages: [...db.messages.values()].map((message) => ({
      ...message,
      chatId: message.chat.chatId,
    })),
    attempts: [...db.attempts.values()].map((attempt) => ({
      ...attempt,
      messageId: attempt.message.messageId,
    })),
    tasks: [...db.tasks.values()].map((task) => ({ ...task, messageId: task.message.messageId })),
    reports: [...db.reports.values()].map(({ providerMessageId, status, message }) => ({
      providerMessageId,
      status,
      messageId: message?.messageId,
    })),
    chats: [...db.chats.values()].map((chat) => ({ ...chat, personId: chat.person.personId })),
    failures: [...db.failures.values()],
    statusHistory,
    attemptHistory,
  }
}
