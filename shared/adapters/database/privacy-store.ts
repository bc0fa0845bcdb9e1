import type { Caller } from '../../domain/caller.ts'
import type { RefusalCode } from '../../domain/errors.ts'
import type { Consent, LegalHold, PrivacyRequest } from '../../domain/privacy.ts'
import type { Page } from '../../ports/chat-store.ts'
import type {
  AddConsent,
  AskPrivacy,
  PrivacyPage,
  PrivacyStore,
  Refused,
} from '../../ports/privacy-store.ts'
import type { Sealer } from '../../ports/sealer.ts'
import { callAs, queryAs } from './client-call.ts'
import { pageOf, readCursor } from './cursor.ts'
import type { DataApi, Row } from './data-api.ts'
import { sealRequestKey } from './request-key.ts'
import { optionalNumber, text } from './row-values.ts'
import { toWake } from './task-store.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
}

/** What persons ask for, in PostgreSQL; rows of other tenants do not exist for it. */
export function makePrivacyStore(parts: Parts): PrivacyStore {
  return {
    ask: (command) => ask(parts, command),
    get: async (caller, requestId) => {
      const [row] = await queryAs(parts.database, caller, {
        sql: `select shown_privacy_request_v1(r)::text as asked, r.person_id::text as person_id
          from privacy_requests r
          where r.tenant_id = :tenant::bigint and r.request_id = :request::bigint`,
        parameters: { request: requestId },
        shows: { ids: { personId: 'w.person_id' } },
      })
      return row && toAsked(text(row, 'asked'))
    },
    list: (caller, page) => list(parts, caller, page),
    hold: async ({ personId, reason, ...caller }) => {
      const { tenantId, clientId } = caller
      const [row] = await callAs(parts.database, caller, {
        name: 'set_legal_hold_v1',
        input: { tenantId, clientId, personId, reason },
      })
      const outcome = text(row, 'outcome')
      if (outcome !== 'changed') return refused(outcome, row)
      return { outcome, held: JSON.parse(text(row, 'held')) as LegalHold }
    },
    addConsent: (command) => addConsent(parts, command),
    consents: (caller, personId, page) => consents(parts, caller, { ...page, personId }),
  }
}

async function ask({ database, sealer: sealers }: Parts, command: AskPrivacy) {
  const { tenantId, clientId, personId, kind, request } = command
  const sealer = await sealers.forTenant(tenantId)
  const [row] = await callAs(database, command, {
    name: 'ask_privacy_v1',
    input: { tenantId, clientId, personId, kind, ...sealRequestKey(sealer, request) },
  })
  const outcome = text(row, 'outcome')
  if (outcome !== 'accepted' && outcome !== 'replayed') return refused(outcome, row)
  const wake = row.task_id === null ? undefined : toWake(row)
  return { outcome: 'asked', asked: toAsked(text(row, 'answer')), wake } as const
}

async function list(
  { database, sealer: sealers }: Parts,
  caller: Caller,
  { limit, cursor, personId }: PrivacyPage,
): Promise<Page<PrivacyRequest>> {
  const sealer = await sealers.forTenant(caller.tenantId)
  const scope = `privacy-requests:${personId ?? ''}`
  const [before] = readCursor(sealer, scope, cursor) ?? []
  const rows = await queryAs(database, caller, {
    sql: `select shown_privacy_request_v1(r)::text as asked, r.request_id::text as position,
        r.person_id::text as person_id
      from privacy_requests r
      where r.tenant_id = :tenant::bigint
        ${personId === undefined ? '' : 'and r.person_id = :person::bigint'}
        ${before === undefined ? '' : 'and r.request_id < :before::bigint'}
      order by r.request_id desc limit :limit::integer`,
    parameters: {
      ...(personId !== undefined && { person: personId }),
      ...(before !== undefined && { before }),
      limit: limit + 1,
    },
    shows: { ids: { personId: 'w.person_id' }, most: limit },
  })
  return pageOf(rows, {
    ...{ limit, sealer, scope },
    cursorAfter: (row) => [text(row, 'position')],
    item: (row) => toAsked(text(row, 'asked')),
  })
}

async function addConsent({ database, sealer: sealers }: Parts, command: AddConsent) {
  const { request, meter: _, audit: __, ...given } = command
  const sealer = await sealers.forTenant(command.tenantId)
  const [row] = await callAs(database, command, {
    name: 'add_consent_v1',
    input: { ...given, ...sealRequestKey(sealer, request) },
  })
  const outcome = text(row, 'outcome')
  if (outcome !== 'added' && outcome !== 'replayed') return refused(outcome, row)
  return { outcome: 'added', consent: JSON.parse(text(row, 'answer')) as Consent } as const
}

/** The person's own row comes first, so that nobody and no words are told apart in one call. */
async function consents(
  { database, sealer: sealers }: Parts,
  caller: Caller,
  { limit, cursor, personId }: PrivacyPage & { readonly personId: string },
): Promise<Page<Consent> | undefined> {
  const sealer = await sealers.forTenant(caller.tenantId)
  const scope = `consents:${personId}`
  const [after] = readCursor(sealer, scope, cursor) ?? []
  const rows = await queryAs(database, caller, {
    sql: `select w.consent::text as consent, w.consent_id::text as position
      from persons p
      left join lateral (
        select shown_consent_v1(c) as consent, c.consent_id from consents c
        where c.tenant_id = p.tenant_id
          and c.person_id = any (persons_of_v1(p.tenant_id, p.person_id))
          ${after === undefined ? '' : 'and c.consent_id > :after::bigint'}
        order by c.consent_id limit :limit::integer) w on true
      where p.tenant_id = :tenant::bigint and p.person_id = :person::bigint
        and p.erased_at is null
      order by w.consent_id`,
    parameters: {
      person: personId,
      ...(after !== undefined && { after }),
      limit: limit + 1,
    },
    shows: { ids: { personId: ':person::text' } },
  })
  if (rows.length === 0) return undefined
  return pageOf(
    rows.filter((row) => row.consent !== null),
    {
      ...{ limit, sealer, scope },
      cursorAfter: (row) => [text(row, 'position')],
      item: (row) => JSON.parse(text(row, 'consent')) as Consent,
    },
  )
}

function refused(outcome: string, row: Row): Refused {
  return {
    outcome: 'refused',
    code: (outcome === 'key-mismatch' ? 'idempotency-key-mismatch' : outcome) as RefusalCode,
    retryAfterSeconds: optionalNumber(row, 'retry_after_seconds'),
  }
}

/** What `shown_privacy_request_v1` answers; what is absent has no key. */
function toAsked(json: string): PrivacyRequest {
  const absent = {
    reason: undefined,
    objectKey: undefined,
    doneAt: undefined,
    expiresAt: undefined,
  }
  return { ...absent, ...(JSON.parse(json) as PrivacyRequest) }
}
