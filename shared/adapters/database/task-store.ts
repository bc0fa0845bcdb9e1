import type { Durations } from '../../domain/durations.ts'
import type { TaskType, Wake } from '../../ports/task-queue.ts'
import type { Probe, TaskFailure, TaskStore, WaitingMessage } from '../../ports/task-store.ts'
import type { DataApi, Row } from './data-api.ts'
import { number, optionalText, text } from './row-values.ts'

/** The clockwork of tasks in PostgreSQL: each method is one call. */
export function makeTaskStore(database: DataApi, waits: Durations): TaskStore {
  const call = (name: string, input: unknown) =>
    database.query(`select * from ${name}(:input::jsonb)`, { input: JSON.stringify(input) })
  return {
    checkStatuses: async (checks) => {
      const rows = await call('check_statuses_v1', {
        checks,
        probeWaitSeconds: waits.probeWaitSeconds,
      })
      return {
        wakes: rows.map(toWake),
        probes: rows.filter((row) => row.provider_message_id !== null).map(toProbe),
      }
    },
    relay: async (limit) => {
      const rows = await call('relay_v1', {
        limit,
        staleSeconds: waits.staleSeconds,
        periodSeconds: waits.relayPeriodSeconds,
        patienceSeconds: waits.patienceSeconds,
        reportWaitSeconds: waits.reportWaitSeconds,
      })
      return rows.map(toWake)
    },
    disableProbe: async ({ tenantId, senderId }) => {
      await database.query(
        `update senders set history_probe = false
         where tenant_id = :tenant::bigint and sender_id = :sender::bigint`,
        { tenant: tenantId, sender: senderId },
      )
    },
    recordFailures: async (failures) => {
      await database.query(recordSql, { failures: JSON.stringify(failures.map(failureInput)) })
    },
    waiting: async (filter) => (await call('waiting_messages_v1', filter)).map(toWaiting),
  }
}

const recordSql = `insert into task_failures (tenant_id, queue, queue_message_id, reason, body)
  select t.tenant_id, f.queue, f."queueMessageId", f.reason, convert_to(f.body, 'UTF8')
  from rows from (jsonb_to_recordset(:failures::jsonb)
    as ("tenantId" bigint, queue text, "queueMessageId" text, reason text, body text))
    with ordinality as f ("tenantId", queue, "queueMessageId", reason, body, place)
  join tenants t on t.tenant_id = case
    when exists (select 1 from tenants k where k.tenant_id = f."tenantId")
    then f."tenantId" else 0 end
  order by f.place
  on conflict (queue, queue_message_id) do nothing`

function failureInput({ sealedBody, ...failure }: TaskFailure): unknown {
  return { ...failure, body: sealedBody }
}

function toProbe(row: Row): Probe {
  return {
    tenantId: text(row, 'tenant_id'),
    senderId: text(row, 'sender_id'),
    providerMessageId: text(row, 'provider_message_id'),
    sender: {
      phoneNumberId: text(row, 'phone_number_id'),
      wabaId: text(row, 'waba_id'),
      secretName: text(row, 'secret_name'),
    },
  }
}

function toWaiting(row: Row): WaitingMessage {
  return {
    tenantId: text(row, 'tenant_id'),
    messageId: text(row, 'message_id'),
    chatId: text(row, 'chat_id'),
    status: text(row, 'status'),
    why: text(row, 'why'),
    dueAt: optionalText(row, 'due_at'),
    attempts: number(row, 'attempts'),
    senderId: text(row, 'sender_id'),
    waitsSeconds: number(row, 'waits_seconds'),
  }
}

export function toWake(row: Row): Wake {
  return {
    type: text(row, 'type') as TaskType,
    tenantId: text(row, 'tenant_id'),
    taskId: text(row, 'task_id'),
    inSeconds: number(row, 'wake_in_seconds'),
  }
}
