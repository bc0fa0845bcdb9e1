import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { sealContent, sealIdentity } from '#shared/adapters/database/sealed-cells.ts'
import type { Sealer, TenantSealer } from '#shared/ports/sealer.ts'
import { besideSql, longInstallmentId } from './fill-beside.ts'

/** How many of what a tenant gets. */
export interface Sizes {
  readonly messages: number
  /** Each with a person, a contact and an address of its own. */
  readonly chats: number
  /** Of each of them but the long one. */
  readonly perChat: number
  /** Messages of the one long chat. */
  readonly longChat: number
}

/** Where the tenant's rows lie: ids count up from here. */
export interface Filled extends Sizes {
  readonly tenantId: string
  readonly firstId: number
  readonly longChatId: string
}

export const firstId = 1_000_000_000

/** A third of the messages are one thread; there are a tenth more chats than a tenth of messages. */
export function sizesOf(messages: number): Sizes {
  const chats = Math.floor(messages * 0.11)
  const perChat = 6
  return { messages, chats, perChat, longChat: messages - chats * perChat }
}

/**
 * Rows of a tenant straight into the tables, as the schema's owner: the roads would take hours. One
 * sealed text stands in every message; a chat's activity is older the higher its number.
 */
export async function fill(
  { owner, sealer }: { readonly owner: pg.Pool; readonly sealer: Sealer },
  tenant: { readonly tenantId: string; readonly senderId: string },
  sizes: Sizes,
): Promise<Filled> {
  const filled = { ...sizes, tenantId: tenant.tenantId, firstId, longChatId: String(firstId) }
  const client = await owner.connect()
  try {
    // Neither foreign keys nor triggers are looked at: the rows are right by construction.
    await client.query(`set session_replication_role = replica; set synchronous_commit = off`)
    const cells = sealedCells(await sealer.forTenant(tenant.tenantId))
    const statements = [
      ...peopleSql(tenant.tenantId, sizes, cells),
      ...messagesSql(tenant, sizes, cells),
      ...besideSql(tenant.tenantId, { ...sizes, firstId }),
    ]
    for (const statement of statements) await client.query(statement)
    await client.query('vacuum analyze')
  } finally {
    // A session that forgot to look at foreign keys is not given to anybody else.
    client.release(true)
  }
  return filled
}

/** One text and one address for all rows: a cell and its token may be copied together. */
function sealedCells(sealer: TenantSealer) {
  const rowToken = randomUUID()
  const text = { type: 'text', text: 'Sua parcela de R$ 129,90 vence amanhã.' } as const
  const identity = { kind: 'phone', value: '+5511987654321', rowToken } as const
  return {
    rowToken,
    content: Buffer.from(sealContent(sealer, text, rowToken), 'base64'),
    address: Buffer.from(sealIdentity(sealer, identity).value, 'base64'),
  }
}

/** Ids of persons, contacts and chats are the same; number 0 has the long chat. */
function peopleSql(
  tenant: string,
  { chats, perChat, longChat }: Sizes,
  { address, rowToken }: ReturnType<typeof sealedCells>,
) {
  const numbers = `generate_series(0, ${chats}) n`
  const id = `${firstId} + n`
  return [
    `insert into persons (tenant_id, person_id, row_token) overriding system value
     select ${tenant}, ${id}, gen_random_uuid() from ${numbers}`,
    `insert into contacts (tenant_id, contact_id, person_id, channel) overriding system value
     select ${tenant}, ${id}, ${id}, 'WHATSAPP' from ${numbers}`,
    {
      text: `insert into contact_identities
         (tenant_id, contact_id, channel, kind, value_hash, value, row_token)
       select ${tenant}, ${id}, 'WHATSAPP', 'phone', int8send(n), $1, $2::uuid from ${numbers}`,
      values: [address, rowToken],
    },
    `insert into chats (tenant_id, chat_id, person_id, status, channels, unread_count, last_sequence,
       last_message_id, last_activity_at, updated_at) overriding system value
     select ${tenant}, ${id}, ${id},
       case when n % 10 = 9 then 'CLOSED' else 'ACTIVE' end, '{WHATSAPP}', n % 4,
       case n when 0 then ${longChat} else ${perChat} end,
       case n when 0 then ${firstId + chats * perChat + longChat}
         else ${firstId} + n * ${perChat} end,
       now() - n * interval '10 milliseconds', now() - n * interval '10 milliseconds'
     from ${numbers}`,
  ]
}

function messagesSql(
  { tenantId, senderId }: { readonly tenantId: string; readonly senderId: string },
  { chats, perChat, longChat }: Sizes,
  { content, rowToken }: ReturnType<typeof sealedCells>,
) {
  const short = chats * perChat
  const values = [content, rowToken]
  const insert = ({ chat, sequence, numbers, debt }: Readonly<Record<string, string>>) => ({
    text: `insert into chat_messages
       (tenant_id, message_id, chat_id, sequence, direction, channel, contact_id, sender_id,
        content_type, content, row_token, status, provider_message_id, expires_at, installment_id)
       overriding system value
     select ${tenantId}, ${firstId} + n, ${chat}, ${sequence},
       case when n % 4 = 0 then 'INBOUND' else 'OUTBOUND' end, 'WHATSAPP', ${chat}, ${senderId},
       'text', $1, $2::uuid, case when n % 4 = 0 then 'RECEIVED' else 'READ' end,
       case when n % 4 = 0 then 'wamid.' || n end, case when n % 4 <> 0 then now() end,
       ${debt}
     from generate_series(${numbers}) n`,
    values,
  })
  return [
    insert({
      chat: `${firstId} + (n - 1) / ${perChat} + 1`,
      sequence: `(n - 1) % ${perChat} + 1`,
      numbers: `1, ${short}`,
      debt: 'null',
    }),
    insert({
      chat: `${firstId}`,
      sequence: `n - ${short}`,
      numbers: `${short + 1}, ${short + longChat}`,
      debt: `'${longInstallmentId}'`,
    }),
    {
      text: `insert into message_status
         (tenant_id, message_id, channel, provider_message_id, status, occurred_at, row_token)
       select ${tenantId}, ${firstId} + n, 'WHATSAPP', 'wamid.' || n, 'READ', now(), $1::uuid
       from generate_series(1, ${short + longChat}, 4) n`,
      values: [rowToken],
    },
  ]
}
