import { setTimeout as pause } from 'node:timers/promises'
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type pg from 'pg'
import type { WhatsAppSimulator } from '#infra/local/whatsapp/simulator.ts'

/** What is still under way, by name; only what is not nothing. */
export type Unrest = Readonly<Record<string, number>>

export interface Observed {
  readonly owner: pg.Pool
  readonly phones: WhatsAppSimulator
  readonly outstandingWebhooks: () => number
  readonly sqs: SQSClient
  readonly queueUrls: ReadonlyMap<string, string>
}

const pollMs = 1000
/** Between a queue and the database a batch is seen in neither. */
const quietPolls = 3

/**
 * Waits until nothing is under way. Answers the seconds it took, and what was left when the time
 * was over.
 */
export async function untilQuiet(
  observed: Observed,
  limitSeconds: number,
): Promise<{ seconds: number; left: Unrest }> {
  const startedAt = performance.now()
  const seconds = () => (performance.now() - startedAt) / 1000
  for (let quiet = 0, left: Unrest = {}; ; ) {
    left = await unrest(observed)
    quiet = Object.keys(left).length === 0 ? quiet + 1 : 0
    if (quiet === quietPolls || seconds() > limitSeconds) return { seconds: seconds(), left }
    await pause(pollMs)
  }
}

async function unrest(observed: Observed): Promise<Unrest> {
  const { phones, outstandingWebhooks } = observed
  const { pending } = phones.ledger(Number.MAX_SAFE_INTEGER)
  const counts = {
    reports: pending.reports,
    webhooks: pending.webhooks + outstandingWebhooks(),
    ...(await queued(observed)),
    ...(await stored(observed.owner)),
  }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

async function queued({ sqs, queueUrls }: Observed): Promise<Record<string, number>> {
  const depths = [...queueUrls].map(async ([name, QueueUrl]) => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      }),
    )
    return [name, Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0)] as const
  })
  return Object.fromEntries(await Promise.all(depths))
}

async function stored(owner: pg.Pool): Promise<Record<string, number>> {
  const { rows } = await owner.query(`
    select
      (select count(*)::int from tasks where state = 'PENDING' and due_at <= now()) as due,
      (select count(*)::int from tasks where state = 'CLAIMED') as claimed,
      (select count(*)::int from message_status where message_id is null) as unmatched,
      (select count(*)::int from chat_messages where direction = 'OUTBOUND'
        and status in ('QUEUED', 'SENDING')) as queued,
      (select count(*)::int from chat_messages where direction = 'OUTBOUND'
        and status = 'UNKNOWN' and reason is distinct from 'unresolved') as unknown`)
  return rows[0]
}
