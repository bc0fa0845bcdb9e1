import { mediaIdsOf } from '../../domain/content-media.ts'
import type { Durations } from '../../domain/durations.ts'
import type {
  DunningJob,
  DunningJobStore,
  DunningPlanner,
  DunningResult,
  StepDecision,
} from '../../ports/dunning-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import type { Wake } from '../../ports/task-queue.ts'
import type { DataApi, Row } from './data-api.ts'
import { openDebt, readRules } from './debt-cells.ts'
import { makeJobStore, toJob } from './job-store.ts'
import { flag, optionalText, text } from './row-values.ts'
import { base64 } from './sealed-cells.ts'
import { toWake } from './task-store.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
  readonly randomness: Randomness
  readonly waits: Durations
}

const debtsPerTask = 1000
/** An answer may have 1 MiB, with every quote of a row escaped. */
const mostBytes = 850_000
/** A request may have 4 MiB, with every quote escaped, and a statement 45 s. */
const mostBookedBytes = 2_500_000

export function makeDunningPlanner(database: DataApi): DunningPlanner {
  return {
    due: async () => {
      const rows = await database.query(
        `select k.tenant_id::text as tenant_id
         from (select distinct p.tenant_id from dunning_policies p) k
         where not looks_to_come_v1(k.tenant_id)
         order by k.tenant_id`,
      )
      return rows.map((row) => text(row, 'tenant_id'))
    },
    plan: async (tenantId) => {
      const rows = await database.query('select * from plan_dunning_v2(:input::jsonb)', {
        input: JSON.stringify({ tenantId, debtsPerTask }),
      })
      return rows.map(toWake)
    },
  }
}

/** Looks at debts in PostgreSQL: one SQL function each way. */
export function makeDunningStore(parts: Parts): DunningJobStore {
  const { database, sealer: sealers, waits } = parts
  const jobs = makeJobStore(database, waits)
  return {
    claim: async (request) => {
      const rows = await database.query(claimSql, {
        input: JSON.stringify({ ...request, leaseSeconds: waits.leaseSeconds, mostBytes }),
      })
      const heads = rows.filter(({ debt }) => debt === null)
      return Promise.all(heads.map((head) => toDunningJob(sealers, head, rows)))
    },
    settle: async (results) => {
      const wakes: Wake[] = []
      // A batch is one job: see the queue's batch size.
      for (const { job, result } of results) {
        wakes.push(
          ...(isDecided(result)
            ? await settleLook(parts, job, result.decisions)
            : await jobs.settle([{ job, result }])),
        )
      }
      return wakes
    },
  }
}

const claimSql = `select j.tenant_id::text as tenant_id, j.task_id::text as task_id,
    j.message_id::text as message_id, j.payload::text as payload, j.fence::text as fence,
    j.attempts, j.rules::text as rules, j.debt::text as debt, j.is_cut
  from claim_dunning_v1(:input::jsonb) j`

async function toDunningJob(sealers: Sealer, head: Row, rows: readonly Row[]): Promise<DunningJob> {
  const job = toJob(head)
  const sealer = await sealers.forTenant(job.tenantId)
  const own = rows.filter((row) => row.debt !== null && row.task_id === head.task_id)
  const debts = own.map((row) => openDebt(sealer, text(row, 'debt')))
  const rules = optionalText(head, 'rules')
  return {
    ...job,
    rules: rules === undefined ? undefined : readRules(rules),
    debts,
    restAfter: own.some((row) => flag(row, 'is_cut')) ? debts.at(-1)?.installmentId : undefined,
  }
}

function isDecided(
  result: DunningResult,
): result is DunningResult & { readonly decisions: readonly StepDecision[] } {
  return result.outcome === 'DONE' && 'decisions' in result && result.decisions !== undefined
}

async function settleLook(
  { database, sealer: sealers, randomness, waits }: Parts,
  job: DunningJob,
  decisions: readonly StepDecision[],
): Promise<readonly Wake[]> {
  const { tenantId, taskId, fence, rules } = job
  const seal = { sealer: await sealers.forTenant(tenantId), randomness, waits }
  const booked = fitting(
    job,
    decisions.map((decision) => decisionInput(seal, job, decision)),
  )
  const rows = await database.query('select * from settle_dunning_v1(:input::jsonb)', {
    input: JSON.stringify({
      ...{ tenantId, taskId, fence, ...booked },
      day: rules?.day,
      most: rules?.policy.maxPerPersonPerDay,
      horizonSeconds: waits.horizonSeconds,
    }),
  })
  return rows.map(toWake)
}

/** What one request can book, of the first debts; the others are left for the look that follows. */
function fitting<T extends { readonly installmentId: string }>(
  { debts, restAfter }: DunningJob,
  inputs: readonly T[],
): { readonly decisions: readonly T[]; readonly restAfter: string | undefined } {
  const byDebt = Map.groupBy(inputs, ({ installmentId }) => installmentId)
  const fits = new Set<string>()
  let bytes = 0
  for (const installmentId of new Set(debts.map((debt) => debt.installmentId))) {
    const escaped = JSON.stringify(JSON.stringify(byDebt.get(installmentId) ?? []))
    bytes += Buffer.byteLength(escaped)
    if (bytes > mostBookedBytes && fits.size > 0) {
      const decisions = inputs.filter((input) => fits.has(input.installmentId))
      return { decisions, restAfter: [...fits].at(-1) }
    }
    fits.add(installmentId)
  }
  return { decisions: inputs, restAfter }
}

/** See `book_step_v1`. */
function decisionInput(
  seal: Pick<Parts, 'randomness' | 'waits'> & { readonly sealer: TenantSealer },
  job: DunningJob,
  { debt, step, plan, message }: StepDecision,
) {
  const { checks, ...verdict } = plan
  const { installmentId, installmentVersion, dueOn, balanceCents, status } = debt
  return {
    ...{ installmentId, installmentVersion, step, dueOn, balanceCents, status },
    personId: debt.person?.personId,
    failedMessageId: debt.failed?.messageId,
    isOnce: isOnce(job, step),
    trace: {
      policyVersion: job.rules?.policyVersion,
      ...{ step, personId: debt.person?.personId, dueOn, balanceCents, checks },
      onUnreachable: message?.onUnreachable,
    },
    ...outcomeInput(verdict),
    ...(message && { channels: message.channels, said: saidInput(seal, message.content) }),
  }
}

/** What a movement is told once, whichever of its installments was known first. */
function isOnce({ rules }: DunningJob, step: string): boolean {
  return rules?.policy.steps.find(({ name }) => name === step)?.anchor === 'created'
}

type Verdict = StepDecision['plan'] extends infer Plan
  ? Plan extends unknown
    ? Omit<Plan, 'checks'>
    : never
  : never

function outcomeInput(verdict: Verdict) {
  switch (verdict.outcome) {
    case 'go':
      return {
        ...{ outcome: verdict.outcome, nextDay: verdict.nextDay },
        sendAt: new Date(verdict.sendAt).toISOString(),
        expiresAt: new Date(verdict.expiresAt).toISOString(),
      }
    case 'later':
      return { outcome: verdict.outcome, day: verdict.day, reason: verdict.why }
    case 'skip':
      return verdict
  }
}

type Said = NonNullable<StepDecision['message']>['content']

function saidInput(
  {
    sealer,
    randomness,
    waits,
  }: Pick<Parts, 'randomness' | 'waits'> & {
    readonly sealer: TenantSealer
  },
  content: Said,
) {
  const rowToken = randomness.uuid()
  const cell = { table: 'chat_messages', column: 'content', rowToken }
  return {
    contentType: content.type,
    content: base64(sealer.seal(cell, JSON.stringify(content))),
    rowToken,
    named: {
      name: content.name,
      language: content.language,
      variables: Object.keys(content.variables),
      filesMayStay: true,
    },
    mediaIds: mediaIdsOf(content),
    reportTtlSeconds: waits.deliveryTtlSeconds + waits.deliveryGraceSeconds,
  }
}
