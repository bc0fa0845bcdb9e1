import { durations } from '#shared/domain/durations.ts'
import { fresh, type OpenWorld } from '#test/support/stores-world.ts'
import { makeMemoryStores } from '../memory-store.ts'
import { addClient, addSender, addTenant, passTime } from './administration.ts'
import { keyOf } from './rows.ts'

/** The stores that the fault harness runs on, as a world of the contract suites. */
export const openMemoryWorld: OpenWorld = async () => {
  const waits = durations()
  const { database, ...stores } = makeMemoryStores({ clock: { now: () => Date.now() }, waits })
  const manyTokens = { ratePerSecond: 5000, burst: 50_000 }
  return {
    ...stores,
    waits,
    addTenant: async ({ hasSender = true, senderRatePerSecond = 10_000, serviceWindow } = {}) => {
      const tenantId = addTenant(database, { serviceWindow })
      const clientId = addClient(database, tenantId, manyTokens)
      const sender = { phoneNumberId: fresh('phone'), wabaId: fresh('waba') }
      const senderId = hasSender
        ? addSender(database, { tenantId, ...sender, ratePerSecond: senderRatePerSecond })
        : '0'
      return { tenantId, clientId, sender, senderId }
    },
    addClient: async (tenantId, limits) => addClient(database, tenantId, limits ?? manyTokens),
    disableClient: async (tenantId, clientId) => {
      const client = database.clients.get(keyOf(tenantId, clientId))
      if (client !== undefined) client.isDisabled = true
    },
    optOut: async (tenantId, chatId, { category, restored = false }) => {
      const now = database.now()
      const { contacts = [] } = database.chats.get(keyOf(tenantId, chatId))?.person ?? {}
      const optOut = { optedOutAt: now, restoredAt: restored ? now : undefined }
      for (const { optOuts } of contacts) optOuts.set(category, { ...optOut })
    },
    setChatStatus: async (tenantId, chatId, status) => {
      const chat = database.chats.get(keyOf(tenantId, chatId))
      if (chat !== undefined) Object.assign(chat, { status, updatedAt: database.now() })
    },
    setReopenDays: async (tenantId, days) => {
      const tenant = database.tenants.get(tenantId)
      if (tenant !== undefined) tenant.reopenDays = days
    },
    pass: async (seconds) => passTime(database, seconds),
    close: async () => undefined,
  }
}
