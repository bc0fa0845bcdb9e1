import type { Caller, Operator, Quota } from '../../domain/caller.ts'
import { Refusal, type RefusalCode } from '../../domain/errors.ts'
import type { DataApi, Row } from './data-api.ts'
import { optionalNumber, optionalText, text } from './row-values.ts'

interface Statement {
  readonly sql: string
  readonly parameters?: Readonly<Record<string, string | number | boolean | null>>
  /** For the audit; what an operation shows that leaves a row there must be named. */
  readonly shows?: Shown
}

/** Which of the rows, `w`, reach the client, and what each of them shows. */
interface Shown {
  /** SQL of ids as text, by their names; see audited_v1. */
  readonly ids: Readonly<Partial<Record<ShownId, string>>>
  /** Default: all of them. */
  readonly where?: string
  /** Of those, the first so many. Default: all. */
  readonly most?: number
}

type ShownId =
  | 'chatId'
  | 'messageId'
  | 'personId'
  | 'mediaId'
  | 'suppressionId'
  | 'subscriptionId'
  | 'movementId'
  | 'installmentId'

const token = 'select * from take_client_token_v2(:tenant::bigint, :client::bigint)'
const freely = `select 'taken' as outcome, null::jsonb as quota, 0 as retry_after_seconds`

/** Runs also where nobody reads it, after what it is about. */
const auditing = (asked: string, answers: string) => `audited as (
  insert into audit_entries (tenant_id, actor_kind, actor, action, outcome, purpose, request_id,
    objects, person_ids)
  select d.* from audited_v1(${asked}, (${answers})) d)`

/**
 * A statement on behalf of a client, its token taken in the same call. It has `:tenant` and `:client`;
 * one that writes must look whether `(select k.outcome from client k) = 'taken'`. It answers its own
 * rows. What they show is written into the audit in the same call.
 * @throws Refusal `client-unknown`, `rate-limited`
 */
export async function queryAs(
  database: DataApi,
  caller: Caller | Operator,
  { sql, parameters, shows }: Statement,
): Promise<readonly Row[]> {
  const asked = askedOf(caller, 'done')
  if (asked !== undefined && shows === undefined) throw new Error('an audited read names nothing')
  const audit = asked && shows && `, ${auditing(':audit::jsonb', shownAnswers(shows))}`
  const rows = await database.query(
    `with client as materialized (${caller.clientId === undefined ? freely : token}),
     answer as (${sql})${audit ?? ''}
     select k.outcome as client_outcome, k.quota::text as quota, k.retry_after_seconds as client_retry_seconds, a.*
     from client k left join (select true as is_row, w.* from answer w) a on true`,
    {
      tenant: caller.tenantId,
      ...(caller.clientId !== undefined && { client: caller.clientId }),
      ...(audit !== undefined && { audit: JSON.stringify(asked) }),
      ...parameters,
    },
  )
  const [first] = rows
  if (first === undefined) throw new Error('a client call answered nothing')
  tell(caller, first)
  const outcome = text(first, 'client_outcome')
  if (outcome !== 'taken') {
    throw new Refusal(outcome as RefusalCode, optionalNumber(first, 'client_retry_seconds'))
  }
  return rows.filter(({ is_row }) => is_row === true)
}

/**
 * A call of a SQL function that begins with `begin_request_v1` and answers `outcome`, `quota` and
 * `retry_after_seconds` beside what is its own. It is written into the audit with its outcome, unless
 * the client is unknown or had no token.
 */
export async function callAs(
  database: DataApi,
  caller: Caller,
  { name, input }: { readonly name: string; readonly input: unknown },
): Promise<readonly [Row, ...Row[]]> {
  const asked = askedOf(caller)
  const called = `select * from ${name}(:input::jsonb)`
  const [first, ...more] = await database.query(
    asked === undefined
      ? called
      : `with answer as materialized (${called}), ${auditing(askedInput, changedAnswers)}
         select * from answer`,
    {
      input: JSON.stringify(input),
      ...(asked !== undefined && { audit: JSON.stringify(asked) }),
    },
  )
  if (first === undefined) throw new Error(`${name} answered nothing`)
  tell(caller, first)
  return [first, ...more]
}

/** What the request names comes along; of several outcomes none is that of all. */
const askedInput = `:input::jsonb || :audit::jsonb || jsonb_build_object('outcome', (
    select case when min(a.outcome) = max(a.outcome) then min(a.outcome) else 'several' end
    from answer a))`

const changedAnswers = `select jsonb_agg(to_jsonb(a)) from answer a
  where a.outcome not in ('client-unknown', 'rate-limited')`

function shownAnswers({ ids, where = 'true', most }: Shown): string {
  const named = Object.entries(ids).map(([name, sql]) => `'${name}', ${sql}`)
  return `select jsonb_agg(jsonb_build_object(${named.join(', ')}))
    from (select * from answer w where ${where} ${most === undefined ? '' : `limit ${most}`}) w
    where (select k.outcome from client k) = 'taken'`
}

function askedOf(caller: Caller | Operator, outcome?: string) {
  if (caller.audit === undefined) return undefined
  const { tenantId, clientId, audit } = caller
  return { tenantId, actorKind: 'client', actor: clientId, ...audit, outcome }
}

function tell({ meter }: Caller | Operator, row: Row): void {
  const quota = optionalText(row, 'quota')
  if (quota !== undefined) meter?.(JSON.parse(quota) as Quota)
}
