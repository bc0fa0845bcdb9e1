import type { Channel } from '../../domain/channel.ts'
import type { Chat, ChatStatus } from '../../domain/chat.ts'
import type { RefusalCode } from '../../domain/errors.ts'
import type { ChatStore, OpenAnswer, OpenChat } from '../../ports/chat-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import { callAs, queryAs } from './client-call.ts'
import { pageOf, readCursor } from './cursor.ts'
import type { DataApi, Row } from './data-api.ts'
import { listMessages } from './message-list.ts'
import { sealRequestKey } from './request-key.ts'
import { number, optionalNumber, text } from './row-values.ts'
import {
  base64,
  fromBase64,
  type IdentityKind,
  identityKindOf,
  openIdentity,
  sealIdentity,
} from './sealed-cells.ts'

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
      })
      return row && toChat(await sealers.forTenant(caller.tenantId), text(row, 'chat'))
    },
    list: async (caller, { limit, cursor }) => {
      const sealer = await sealers.forTenant(caller.tenantId)
      const after = readCursor(sealer, 'chats', cursor)
      const rows = await queryAs(database, caller, {
        sql: chatPage(after !== undefined),
        parameters: {
          ...(after && { activity: after[0] ?? '', chat: after[1] ?? '' }),
          limit: limit + 1,
        },
      })
      return pageOf(rows, {
        limit,
        cursorAfter: (row) => [text(row, 'position'), text(row, 'chat_id')],
        sealer,
        scope: 'chats',
        item: (row) => toChat(sealer, text(row, 'chat')),
      })
    },
    messages: (caller, chatId, page) => listMessages(parts, caller, { chatId, ...page }),
  }
}

/** The position keeps microseconds: two chats may move within one millisecond. */
function chatPage(continued: boolean): string {
  return `select v.chat::text as chat, p.chat_id::text as chat_id, p.position
    from (
      select tenant_id, chat_id, last_activity_at,
        to_char(last_activity_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as position
      from chats
      where tenant_id = :tenant::bigint
        ${continued ? 'and (last_activity_at, chat_id) < (:activity::timestamptz, :chat::bigint)' : ''}
      order by last_activity_at desc, chat_id desc limit :limit) p
    join chat_view v on v.tenant_id = p.tenant_id and v.chat_id = p.chat_id
    order by p.last_activity_at desc, p.chat_id desc`
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
  const externalHash = base64(sealer.hash('external-id', command.externalId))
  const nameToken = randomness.uuid()
  return {
    tenantId: command.tenantId,
    clientId: command.clientId,
    ...sealRequestKey(sealer, command.request),
    externalId: {
      hash: externalHash,
      value: base64(sealer.seal(externalIdCell(externalHash), command.externalId)),
    },
    name: command.name && base64(sealer.seal(nameCell(nameToken), command.name)),
    nameToken,
    contacts: command.contacts.map(({ channel, address }) => ({
      channel,
      ...sealIdentity(sealer, {
        kind: identityKindOf(channel),
        value: address,
        rowToken: randomness.uuid(),
      }),
    })),
  }
}

function externalIdCell(rowToken: string) {
  return { table: 'persons', column: 'external_id', rowToken }
}

function nameCell(rowToken: string) {
  return { table: 'persons', column: 'name', rowToken }
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

/** `chat_view.chat`, with sealed cells in base64. */
interface ChatJson {
  readonly chatId: string
  readonly personId: string
  readonly status: ChatStatus
  readonly channels: readonly Channel[]
  readonly lastMessageId: string | null
  readonly unreadCount: number
  readonly mergedIntoChatId: string | null
  readonly lastActivityAt: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly externalId: string | null
  readonly externalIdHash: string | null
  readonly name: string | null
  readonly nameToken: string
  readonly serviceWindow: { readonly open: boolean; readonly expiresAt: string | null }
  readonly identities: readonly {
    readonly contactId: string
    readonly channel: Channel
    readonly kind: IdentityKind
    readonly value: string
    readonly rowToken: string
  }[]
}

function toChat(sealer: TenantSealer, json: string): Chat {
  const row = JSON.parse(json) as ChatJson
  const { externalId, externalIdHash, name, nameToken, identities, personId, ...rest } = row
  const { serviceWindow, ...chat } = rest
  return {
    ...chat,
    lastMessageId: chat.lastMessageId ?? undefined,
    mergedIntoChatId: chat.mergedIntoChatId ?? undefined,
    serviceWindow: { open: serviceWindow.open, expiresAt: serviceWindow.expiresAt ?? undefined },
    person: {
      personId,
      externalId:
        externalId === null || externalIdHash === null
          ? undefined
          : sealer.open(externalIdCell(externalIdHash), fromBase64(externalId)),
      name: name === null ? undefined : sealer.open(nameCell(nameToken), fromBase64(name)),
      contacts: addressesOf(identities).map(({ channel, value, rowToken }) => ({
        channel,
        address: openIdentity(sealer, fromBase64(value), rowToken),
      })),
    },
  }
}

/** One address a contact: the phone or mail address, else the user id. */
function addressesOf(identities: ChatJson['identities']): ChatJson['identities'] {
  const shown = new Map<string, ChatJson['identities'][number]>()
  for (const identity of identities) {
    const known = shown.get(identity.contactId)
    if (known === undefined || rankOf(identity) < rankOf(known)) {
      shown.set(identity.contactId, identity)
    }
  }
  return [...shown.values()]
}

function rankOf({ kind }: { readonly kind: IdentityKind }): number {
  if (kind === 'user-id') return 1
  return kind === 'parent-user-id' ? 2 : 0
}
