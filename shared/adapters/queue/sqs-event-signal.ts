import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { Clock } from '../../ports/clock.ts'
import type { Directory } from '../../ports/directory.ts'
import type { EventSignal } from '../../ports/event-signal.ts'
import { inBatchesOf } from './batches.ts'

interface Parts {
  readonly client: SQSClient
  readonly queueUrl: string
  readonly directory: Pick<Directory, 'tenant'>
  readonly clock: Clock
  /** The bus hears of every tenant. */
  readonly hasBus: boolean
  readonly onFailure: (error: unknown) => void
}

interface Hint {
  readonly tenantId: string
  readonly inSeconds: number
  readonly tries: number
}

/** SQS takes ten entries a batch. */
const batchSize = 10
const quietMs = 1000
const mostKept = 1000

/**
 * Hints over SQS. A hint arrives a second later at the earliest, and so covers what the same tenant
 * does within that second.
 */
export function makeSqsEventSignal(parts: Parts): EventSignal {
  const signalled = new Map<string, number>()

  const isDue = (tenantId: string) => {
    const now = parts.clock.now()
    const last = signalled.get(tenantId)
    if (last !== undefined && now - last < quietMs) return false
    signalled.delete(tenantId)
    signalled.set(tenantId, now)
    const [oldest] = signalled.keys()
    if (signalled.size > mostKept && oldest !== undefined) signalled.delete(oldest)
    return true
  }
  const isHeard = async (tenantId: string) =>
    parts.hasBus || (await parts.directory.tenant(tenantId))?.hasSubscriptions === true

  return {
    signal: async (tenantIds) => {
      try {
        const known = [...new Set(tenantIds)]
        const heard = await Promise.all(known.map(isHeard))
        const due = known.filter((tenantId, index) => heard[index] && isDue(tenantId))
        await send(
          parts,
          due.map((tenantId) => ({ tenantId, inSeconds: 1, tries: 0 })),
        )
      } catch (error) {
        parts.onFailure(error)
      }
    },
    again: (hints) => send(parts, hints).catch(parts.onFailure),
  }
}

async function send({ client, queueUrl }: Parts, hints: readonly Hint[]): Promise<void> {
  await Promise.all(
    inBatchesOf(batchSize, hints).map((batch) =>
      client.send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: batch.map(({ tenantId, inSeconds, tries }, index) => ({
            Id: String(index),
            MessageBody: JSON.stringify({ tenantId, tries }),
            MessageGroupId: tenantId,
            DelaySeconds: inSeconds,
          })),
        }),
      ),
    ),
  )
}
