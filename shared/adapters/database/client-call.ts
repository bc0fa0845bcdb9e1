import type { Caller, Operator, Quota } from '../../domain/caller.ts'
import { Refusal, type RefusalCode } from '../../domain/errors.ts'
import type { DataApi, Row } from './data-api.ts'
import { optionalNumber, optionalText, text } from './row-values.ts'

interface Statement {
  readonly sql: string
  readonly parameters?: Readonly<Record<string, string | number | boolean | null>>
}

const token = 'select * from take_client_token_v2(:tenant::bigint, :client::bigint)'
const freely = `select 'taken' as outcome, null::jsonb as quota, 0 as retry_after_seconds`

/**
 * A statement on behalf of a client, its token taken in the same call. It has `:tenant` and `:client`;
 * one that writes must look whether `(select k.outcome from client k) = 'taken'`. It answers its own
 * rows.
 * @throws Refusal `client-unknown`, `rate-limited`
 */
export async function queryAs(
  database: DataApi,
  caller: Caller | Operator,
  { sql, parameters }: Statement,
): Promise<readonly Row[]> {
  const rows = await database.query(
    `with client as materialized (${caller.clientId === undefined ? freely : token}), answer as (${sql})
     select k.outcome as client_outcome, k.quota::text as quota, k.retry_after_seconds as client_retry_seconds, a.*
     from client k left join (select true as is_row, w.* from answer w) a on true`,
    {
      tenant: caller.tenantId,
      ...(caller.clientId !== undefined && { client: caller.clientId }),
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
 * `retry_after_seconds` beside what is its own.
 */
export async function callAs(
  database: DataApi,
  caller: Caller,
  { name, input }: { readonly name: string; readonly input: unknown },
): Promise<readonly [Row, ...Row[]]> {
  const [first, ...more] = await database.query(`select * from ${name}(:input::jsonb)`, {
    input: JSON.stringify(input),
  })
  if (first === undefined) throw new Error(`${name} answered nothing`)
  tell(caller, first)
  return [first, ...more]
}

function tell({ meter }: Caller | Operator, row: Row): void {
  const quota = optionalText(row, 'quota')
  if (quota !== undefined) meter?.(JSON.parse(quota) as Quota)
}
