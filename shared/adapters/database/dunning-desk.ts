import type { Caller } from '../../domain/caller.ts'
import { type DunningPolicy, defaultPolicy } from '../../domain/dunning/policy.ts'
import type {
  BookedStep,
  DryPage,
  DunningDesk,
  PolicyVersion,
  Refusals,
} from '../../ports/dunning-desk.ts'
import type { Sealer } from '../../ports/sealer.ts'
import { queryAs } from './client-call.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { DataApi, Row } from './data-api.ts'
import { openDebt, readRules } from './debt-cells.ts'
import { flag, number, optionalText, text } from './row-values.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
}

/** The ladder in PostgreSQL; rows of other tenants do not exist for it. */
export function makeDunningDesk({ database, sealer }: Parts): DunningDesk {
  return {
    policy: async (caller) => {
      const [row] = await queryAs(database, caller, { sql: newestSql })
      return row === undefined ? begins : toVersion(row)
    },
    putPolicy: async (caller, { policy, version }) => {
      const [row] = await queryAs(database, caller, {
        sql: putSql,
        parameters: { policy: JSON.stringify(policy), version },
        shows: { ids: {} },
      })
      return row === undefined ? undefined : toVersion(row)
    },
    dryRun: (caller, wanted) => dryRun({ database, sealer }, caller, wanted),
    steps: async (caller, installmentId) => {
      const rows = await queryAs(database, caller, {
        sql: stepsSql,
        parameters: { installment: installmentId },
      })
      if (rows.length === 0) return undefined
      return rows.filter(({ step }) => step !== null).map(toBooked)
    },
  }
}

const begins: PolicyVersion = { version: 0, createdAt: undefined, policy: defaultPolicy }

const newestSql = `select p.version, p.policy::text as policy, iso_utc(p.created_at) as created_at
  from dunning_policies p where p.tenant_id = :tenant::bigint
  order by p.version desc limit 1`

const putSql = `select s.version, s.policy::text as policy, iso_utc(s.created_at) as created_at
  from put_dunning_policy_v1(:tenant::bigint, :policy::jsonb, :version::integer) s
  where (select k.outcome from client k) = 'taken'`

const stepsSql = `select d.step, d.state, d.planned_on::text as planned_on,
    d.due_on::text as due_on, d.reason, d.channel, d.message_id::text as message_id,
    iso_utc(d.decided_at) as decided_at, d.decision::text as decision
  from installments i
  left join dunning_steps d on d.tenant_id = i.tenant_id and d.installment_id = i.installment_id
  where i.tenant_id = :tenant::bigint and i.installment_id = :installment
  order by d.planned_on, d.step`

const drySql = `select r.rules::text as rules, r.debt::text as debt, r.refusals::text as refusals,
    r.sent_that_day, r.is_more
  from dry_run_dunning_v1(:input::jsonb) r
  where (select k.outcome from client k) = 'taken'`

async function dryRun(
  { database, sealer: sealers }: Parts,
  caller: Caller,
  wanted: Parameters<DunningDesk['dryRun']>[1],
): Promise<DryPage> {
  const sealer = await sealers.forTenant(caller.tenantId)
  const { day, policy, limit, cursor } = wanted
  const scope = `dry-dunning:${day}`
  const [after] = readCursor(sealer, scope, cursor) ?? []
  const input = JSON.stringify({
    ...{ tenantId: caller.tenantId, day, draft: policy, limit, after },
    default: defaultPolicy,
  })
  const rows = await queryAs(database, caller, { sql: drySql, parameters: { input } })
  const [head, ...debts] = rows
  if (head === undefined) throw new Error('a dry run answered nothing')
  const shown = debts.map((row) => ({
    debt: openDebt(sealer, text(row, 'debt')),
    refusals: JSON.parse(text(row, 'refusals')) as Readonly<Record<string, Refusals>>,
    sentThatDay: number(row, 'sent_that_day'),
  }))
  const last = shown.at(-1)?.debt.installmentId
  return {
    rules: readRules(text(head, 'rules')),
    debts: shown,
    nextCursor:
      flag(head, 'is_more') && last !== undefined ? writeCursor(sealer, scope, [last]) : undefined,
  }
}

function toVersion(row: Row): PolicyVersion {
  return {
    version: number(row, 'version'),
    createdAt: text(row, 'created_at'),
    policy: JSON.parse(text(row, 'policy')) as DunningPolicy,
  }
}

function toBooked(row: Row): BookedStep {
  return {
    step: text(row, 'step'),
    state: text(row, 'state') as BookedStep['state'],
    plannedOn: text(row, 'planned_on'),
    dueOn: text(row, 'due_on'),
    reason: optionalText(row, 'reason'),
    channel: optionalText(row, 'channel') as BookedStep['channel'],
    messageId: optionalText(row, 'message_id'),
    decidedAt: text(row, 'decided_at'),
    decision: JSON.parse(text(row, 'decision')) as BookedStep['decision'],
  }
}
