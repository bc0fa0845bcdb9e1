import { type Durations, typingSeconds } from '../../domain/durations.ts'
import type { RefusalCode } from '../../domain/errors.ts'
import type {
  MarkAnswer,
  MarkChatRead,
  ReadReceiptJob,
  ReadReceiptStore,
} from '../../ports/read-receipts.ts'
import { callAs } from './client-call.ts'
import type { DataApi, Row } from './data-api.ts'
import { makeJobStore, toJob } from './job-store.ts'
import { flag, number, optionalText, text } from './row-values.ts'
import { toWake } from './task-store.ts'

/** Read receipts in PostgreSQL; nothing of them is sealed. */
export function makeReadReceiptStore(database: DataApi, waits: Durations): ReadReceiptStore {
  return {
    mark: (command) => markRead(database, command),
    claim: async (request) => {
      const rows = await database.query(
        'select * from claim_read_receipts_v1(:input::jsonb) order by tenant_id, task_id',
        { input: JSON.stringify({ ...request, leaseSeconds: waits.leaseSeconds }) },
      )
      return rows.map(toReadReceiptJob)
    },
    settle: makeJobStore(database, waits).settle,
  }
}

async function markRead(database: DataApi, command: MarkChatRead): Promise<MarkAnswer> {
  const input = { ...command, typingSeconds }
  const [row] = await callAs(database, command, { name: 'mark_chat_read_v2', input })
  const outcome = text(row, 'outcome')
  if (outcome === 'read') {
    return { outcome, wakes: optionalText(row, 'task_id') === undefined ? [] : [toWake(row)] }
  }
  return {
    outcome: 'refused',
    code: outcome as RefusalCode,
    retryAfterSeconds: number(row, 'retry_after_seconds'),
  }
}

function toReadReceiptJob(row: Row): ReadReceiptJob {
  return {
    ...toJob(row),
    receipt: {
      sender: {
        phoneNumberId: text(row, 'phone_number_id'),
        secretName: text(row, 'secret_name'),
      },
      providerMessageId: text(row, 'provider_message_id'),
      typing: flag(row, 'typing'),
    },
  }
}
