import type pg from 'pg'
import type { PrivacyStore } from '#shared/ports/privacy-store.ts'
import type { WishEntry } from '../simulation/ledgers.ts'
import type { ChatChange, ErasedPerson, UpkeepFacts } from '../simulation/rows.ts'
import type { Party } from '../simulation/system.ts'
import type { Bucket } from '../simulation/upkeep.ts'

interface Sources {
  readonly owner: pg.Pool
  readonly privacy: PrivacyStore
  readonly bucket: Bucket
  readonly parties: readonly Party[]
  readonly wishes: readonly WishEntry[]
}

/** What is left of those who were erased, and what became of chats. */
export async function readUpkeep(sources: Sources): Promise<UpkeepFacts> {
  const { owner, bucket, parties, wishes } = sources
  const tenantIds = parties.map(({ tenantId }) => tenantId)
  const read = async <T>(sql: string, ...values: readonly unknown[]): Promise<readonly T[]> =>
    (await owner.query(sql, [tenantIds, ...values])).rows as T[]
  const askedIds = wishes.flatMap(({ requestId }) => requestId ?? [])
  return {
    requests: await read(requestsSql, askedIds),
    erased: await read<ErasedPerson>(erasedSql),
    inbound: await read(inboundSql),
    chatChanges: await read<ChatChange>(chatChangesSql),
    closings: await read(closingsSql),
    keys: [...bucket.keys],
    ledger: [...bucket.ledger],
    copies: await askForCopies(sources),
  }
}

/** What each erased person is answered who asks for a copy. */
async function askForCopies({ privacy, parties, wishes }: Sources) {
  const erased = wishes.filter(({ kind }) => kind === 'ERASURE')
  return Promise.all(
    erased.map(async ({ tenantId, personId }) => {
      const clientId = parties.find((party) => party.tenantId === tenantId)?.clientId ?? '0'
      const answer = await privacy.ask({
        ...{ tenantId, clientId, personId, kind: 'EXPORT' },
        request: { route: 'POST /afterwards', key: `copy-${personId}`, body: '' },
      })
      return { personId, answer: answer.outcome === 'refused' ? answer.code : answer.outcome }
    }),
  )
}

const ours = 'tenant_id = any ($1::bigint[])'
const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::double precision`

const requestsSql = `select tenant_id::text as "tenantId", request_id::text as "requestId",
    person_id::text as "personId", kind, state, reason, object_key as "objectKey"
  from privacy_requests where ${ours} and request_id = any ($2::bigint[])`

/** Everything that a person may have left behind, counted by where it lies. */
const erasedSql = `select p.person_id::text as "personId", ${ms('p.erased_at')} as "erasedAt",
    jsonb_build_object(
      'names', (p.name is not null or p.external_id is not null
        or p.external_id_hash is not null)::integer,
      'hashes', (select count(*) from contacts c join contact_identities i
        on i.tenant_id = c.tenant_id and i.contact_id = c.contact_id
        where c.tenant_id = p.tenant_id and c.person_id = p.person_id),
      'contents', (select count(*) from chats c join chat_messages m
        on m.tenant_id = c.tenant_id and m.chat_id = c.chat_id
        where c.tenant_id = p.tenant_id and c.person_id = p.person_id
          and (m.content is not null or m.metadata is not null or m.fallback_content is not null)),
      'messages on their way', (select count(*) from chats c join chat_messages m
        on m.tenant_id = c.tenant_id and m.chat_id = c.chat_id
        where c.tenant_id = p.tenant_id and c.person_id = p.person_id
          and m.status in ('QUEUED', 'SENDING')),
      'messages that came later', (select count(*) from chats c join chat_messages m
        on m.tenant_id = c.tenant_id and m.chat_id = c.chat_id
        where c.tenant_id = p.tenant_id and c.person_id = p.person_id
          and m.created_at > p.erased_at),
      'ids of the provider', (select count(*) from chats c join chat_messages m
        on m.tenant_id = c.tenant_id and m.chat_id = c.chat_id
        left join send_attempts a on a.tenant_id = m.tenant_id and a.message_id = m.message_id
        where c.tenant_id = p.tenant_id and c.person_id = p.person_id
          and (m.provider_message_id not like 'erased:%'
            or a.provider_message_id not like 'erased:%')),
      'reports', (select count(*) from chats c join chat_messages m
        on m.tenant_id = c.tenant_id and m.chat_id = c.chat_id
        join message_status s on s.tenant_id = m.tenant_id and s.message_id = m.message_id
        where c.tenant_id = p.tenant_id and c.person_id = p.person_id
          and (s.detail is not null or s.recipient is not null or s.recipient_hash is not null
            or s.provider_message_id not like 'erased:%')),
      'open chats', (select count(*) from chats c
        where c.tenant_id = p.tenant_id and c.person_id = p.person_id
          and c.status <> 'ARCHIVED'),
      'kept answers', (select count(*) from idempotency_keys k where k.tenant_id = p.tenant_id
          and k.answer #>> '{chat,personId}' = p.person_id::text)) as leftovers
  from persons p where ${ours} and p.erased_at is not null`

const inboundSql = `select provider_message_id as "providerMessageId",
    message_id::text as "messageId", chat_id::text as "chatId", ${ms('at')} as at
  from audit.inbounds where ${ours}`

const chatChangesSql = `select chat_id::text as "chatId", person_id::text as "personId",
    new_status as "to", ${ms('at')} as at, ${ms('last_activity_at')} as "lastActivityAt"
  from audit.chats where ${ours} order by change_id`

const closingsSql = `select chat_id::text as "chatId", count(*)::integer as times
  from events where ${ours} and type = 'chat.closed' group by chat_id`
