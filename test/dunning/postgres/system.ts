import { randomUUID } from 'node:crypto'
import { makeDunningPlanner, makeDunningStore } from '#shared/adapters/database/dunning-store.ts'
import { makeMessageStore } from '#shared/adapters/database/message-store.ts'
import type { DunningRules } from '#shared/ports/dunning-store.ts'
import type { ClaimedSend, SettledSend } from '#shared/ports/message-store.ts'
import type { VirtualDatabase } from '#test/faults/sql/template.ts'
import type { LadderSend, LadderSystem, SendResult, StepRow } from '../system.ts'
import { makeProjection } from './projection.ts'
import { addLadderTenant, type LadderTenant } from './tenant.ts'

export interface PostgresLadder extends LadderSystem {
  readonly tenant: LadderTenant
}

/** The real stores on PostgreSQL, in virtual time. */
export async function postgresLadder(
  database: VirtualDatabase,
  { company, startAt }: { readonly company: DunningRules['company']; readonly startAt: number },
): Promise<PostgresLadder> {
  await database.setTime(startAt)
  const tenant = await addLadderTenant(database, company)
  const { parts, tenantId } = tenant
  const messages = makeMessageStore(parts)
  const claimed = new Map<string, ClaimedSend>()
  const query = async <T extends object>(sql: string, values: readonly unknown[] = []) =>
    (await database.owner.query<T>(sql, [tenantId, ...values])).rows

  return {
    tenant,
    planner: makeDunningPlanner(database.dataApi),
    jobs: makeDunningStore(parts),
    setTime: database.setTime,
    setPolicy: async (policy) => {
      await query(
        `insert into dunning_policies (tenant_id, version, policy)
         select $1, 1 + count(*), $2 from dunning_policies where tenant_id = $1`,
        [JSON.stringify(policy)],
      )
    },
    apply: makeProjection(database, tenant),
    dueJobs: async () =>
      (
        await query<{ task_id: string }>(
          `select task_id::text from tasks where tenant_id = $1 and type = 'DUNNING_STEP'
           and state = 'PENDING' and due_at <= now() order by task_id`,
        )
      ).map(({ task_id: taskId }) => ({ tenantId, taskId })),
    claim: async () => {
      const due = await query<{ task_id: string }>(
        `select task_id::text from tasks where tenant_id = $1 and type = 'MESSAGE_SEND'
         and state = 'PENDING' and due_at <= now() order by task_id limit 500`,
      )
      if (due.length === 0) return []
      const { sends } = await messages.claim({
        claimToken: randomUUID(),
        sends: due.map(({ task_id: taskId }) => ({ tenantId, taskId, attemptId: randomUUID() })),
      })
      for (const send of sends) claimed.set(send.messageId, send)
      const ids = sends.map(({ messageId }) => messageId)
      return query<LadderSend>(
        `select message_id::text as "messageId", installment_id as "installmentId",
           decision ->> 'step' as step, channel
         from chat_messages where tenant_id = $1 and message_id = any ($2::bigint[])
         order by message_id`,
        [ids],
      )
    },
    settle: async (results) => {
      await messages.settle(results.map((result) => settled(claimed, result)))
    },
    report: async (reports) => {
      for (const { send, reason } of reports) {
        await query(
          `update chat_messages set status = 'FAILED', reason = $3, status_at = now()
           where tenant_id = $1 and message_id = $2`,
          [send.messageId, reason],
        )
      }
    },
    rows: async () => (await query<RowJson>(rowsSql)).map(toStepRow),
  }
}

function settled(
  claimed: ReadonlyMap<string, ClaimedSend>,
  { send, result }: SendResult,
): SettledSend {
  const own = claimed.get(send.messageId)
  if (own === undefined) throw new Error(`${send.messageId} was not claimed`)
  const { tenantId, taskId, attemptId, fence } = own
  const reference = { tenantId, taskId, attemptId, fence }
  if (result === 'accepted') {
    const providerMessageId = `provider-${attemptId}`
    return { ...reference, settlement: { outcome: 'ACCEPTED', providerMessageId } }
  }
  return result === 'later'
    ? {
        ...reference,
        settlement: { outcome: 'NOT_CALLED', reason: 'provider-unavailable', retryInSeconds: 600 },
      }
    : { ...reference, settlement: { outcome: 'REJECTED', reason: result.reason } }
}

interface RowJson extends Omit<StepRow, 'reason' | 'messageId' | 'channel'> {
  readonly reason: string | null
  readonly messageId: string | null
  readonly channel: StepRow['channel'] | null
}

const rowsSql = `select installment_id as "installmentId", step, state,
    planned_on::text as "plannedOn", due_on::text as "dueOn", reason,
    message_id::text as "messageId", channel, decision -> 'checks' as checks
  from dunning_steps where tenant_id = $1`

function toStepRow({ reason, messageId, channel, ...row }: RowJson): StepRow {
  return {
    ...row,
    reason: reason ?? undefined,
    messageId: messageId ?? undefined,
    channel: channel ?? undefined,
  }
}
