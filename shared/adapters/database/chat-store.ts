import type { RefusalCode } from '../../domain/errors.ts'
import type {
  ChatStore,
  OpenAnswer,
  OpenChat,
  UpdateAnswer,
  UpdateChat,
} from '../../ports/chat-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import { listChats } from './chat-list.ts'
import { toChat } from './chat-row.ts'
import { callAs, queryAs } from './client-call.ts'
import type { DataApi, Row } from './data-api.ts'
import { listMessages } from './message-list.ts'
import { sealContacts, sealExternalId, sealName } from './person-cells.ts'
import { sealRequestKey } from './request-key.ts'
import { number, optionalNumber, text } from './row-values.ts'

/** Chats in PostgreSQL, one call each; rows of other tenants do not exist for it. */
export function makeChatStore(parts: {
  database: DataApi
  sealer: Sealer
  randomness: Randomness
}): ChatStore {
  const { database, sealer: sealers } = parts
  return {
    open: (command) => openChat(parts, command),
    get: async (caller, chatId) => {
      const [row] = await queryAs(database, caller, {
        sql: `select chat::text as chat from chat_view
          where tenant_id = :tenant::bigint and chat_id = :chat::bigint`,
        parameters: { chat: chatId },
        shows: { ids: { chatId: ':chat::text' } },
      })
      return row && toChat(await sealers.forTenant(caller.tenantId), text(row, 'chat'))
    },
    list: (caller, page) => listChats(parts, caller, page),
    update: (command) => updateChat(parts, command),
    messages: (caller, chatId, page) => listMessages(parts, caller, { chatId, ...page }),
  }
}

async function openChat(
  parts: { database: DataApi; sealer: Sealer; randomness: Randomness },
  command: OpenChat,
): Promise<OpenAnswer> {
  const sealer = await parts.sealer.forTenant(command.tenantId)
  const input = openInput(sealer, parts.randomness, command)
  const [row] = await callAs(parts.database, command, { name: 'open_chat_v2', input })
  return openAnswer(sealer, row)
}

function openInput(sealer: TenantSealer, randomness: Randomness, command: OpenChat): unknown {
  const nameToken = randomness.uuid()
  return {
    tenantId: command.tenantId,
    clientId: command.clientId,
    ...sealRequestKey(sealer, command.request),
    externalId: sealExternalId(sealer, command.externalId),
    name: command.name && sealName(sealer, command.name, nameToken),
    nameToken,
    contacts: sealContacts(sealer, randomness, command.contacts),
  }
}

async function updateChat(
  parts: { database: DataApi; sealer: Sealer },
  command: UpdateChat,
): Promise<UpdateAnswer> {
  const { tenantId, clientId, chatId, version, status } = command
  const input = { tenantId, clientId, chatId, version, status }
  const [row] = await callAs(parts.database, command, { name: 'update_chat_v1', input })
  const outcome = text(row, 'outcome')
  if (outcome !== 'updated') {
    const retryAfterSeconds = optionalNumber(row, 'retry_after_seconds')
    return { outcome: 'refused', code: outcome as RefusalCode, retryAfterSeconds }
  }
  return { outcome, chat: toChat(await parts.sealer.forTenant(tenantId), text(row, 'chat')) }
}

function openAnswer(sealer: TenantSealer, row: Row): OpenAnswer {
  const outcome = text(row, 'outcome')
  if (outcome === 'created' || outcome === 'existing' || outcome === 'replayed') {
    return {
      outcome: 'opened',
      created: number(row, 'answer_status') === 201,
      chat: toChat(sealer, text(row, 'chat')),
    }
  }
  return {
    outcome: 'refused',
    code: (outcome === 'key-mismatch' ? 'idempotency-key-mismatch' : outcome) as RefusalCode,
    retryAfterSeconds: optionalNumber(row, 'retry_after_seconds'),
  }
}
