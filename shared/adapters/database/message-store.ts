import type { Channel } from '../../domain/channel.ts'
import { deliveryTtlSeconds } from '../../domain/content.ts'
import { type Durations, failuresToOpen, pairBurst } from '../../domain/durations.ts'
import type { RefusalCode } from '../../domain/errors.ts'
import type {
  AcceptAnswer,
  AcceptMessage,
  ClaimedSend,
  HeldSend,
  MessageStore,
  OpenedBreaker,
  SettledSend,
} from '../../ports/message-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import type { Wake } from '../../ports/task-queue.ts'
import type { DataApi, Row } from './data-api.ts'
import { sealRequestKey } from './request-key.ts'
import { bytes, number, optionalBytes, optionalNumber, optionalText, text } from './row-values.ts'
import { openContent, openIdentity, sealContent } from './sealed-cells.ts'
import { toWake } from './task-store.ts'

/** The outbound road in PostgreSQL: each method is one SQL function, one call. */
export function makeMessageStore(parts: {
  database: DataApi
  sealer: Sealer
  randomness: Randomness
  waits: Durations
}): MessageStore {
  const { database, waits } = parts
  const call = (name: string, input: unknown) =>
    database.query(`select * from ${name}(:input::jsonb)`, { input: JSON.stringify(input) })

  return {
    accept: async (command) => {
      const input = await acceptInput(parts, command)
      const [row] = await call('accept_message_v1', input)
      if (row === undefined) throw new Error('accept_message_v1 answered nothing')
      return acceptAnswer(row, command.tenantId)
    },
    claim: async ({ claimToken, sends }) => {
      const openable = await withKeys(parts.sealer, sends)
      const rows = await call('claim_sends_v2', {
        claimToken,
        sends: openable,
        ...claimRules(waits),
      })
      return toClaim(parts.sealer, rows)
    },
    settle: async (sends) => {
      const rows = await call('settle_sends_v1', {
        sends: sends.map(settledInput),
        ...settleRules(waits),
      })
      const opened = (row: Row) => row.type === 'BREAKER_OPENED'
      return {
        wakes: rows.filter((row) => !opened(row)).map(toWake),
        openedBreakers: rows.filter(opened).map(toOpenedBreaker),
      }
    },
    cancel: async (message) => {
      const rows = await call('cancel_message_v1', {
        ...message,
        patienceSeconds: waits.patienceSeconds,
      })
      const [first] = rows
      if (first === undefined) throw new Error('cancel_message_v1 answered nothing')
      const outcome = text(first, 'outcome')
      if (outcome !== 'cancelled') return { outcome: 'refused', code: outcome as RefusalCode }
      return { outcome, wakes: rows.filter((row) => row.task_id !== null).map(toWake) }
    },
  }
}

function claimRules(waits: Durations) {
  return {
    leaseSeconds: waits.leaseSeconds,
    patienceSeconds: waits.patienceSeconds,
    pacing: {
      slotToleranceSeconds: waits.slotToleranceSeconds,
      pairIntervalSeconds: waits.pairIntervalSeconds,
      pairBurst,
      probeSeconds: waits.leaseSeconds,
      probeRetrySeconds: waits.breakerOpenSeconds,
    },
  }
}

function settleRules(waits: Durations) {
  return {
    patienceSeconds: waits.patienceSeconds,
    reportWaitSeconds: waits.reportWaitSeconds,
    breaker: {
      failuresToOpen,
      openSeconds: waits.breakerOpenSeconds,
      openCapSeconds: waits.breakerCapSeconds,
      brokenSeconds: waits.senderRetrySeconds,
      pairCapSeconds: waits.backoffCapSeconds,
    },
  }
}

async function acceptInput(
  parts: { sealer: Sealer; randomness: Randomness; waits: Durations },
  command: AcceptMessage,
): Promise<unknown> {
  const sealer = await parts.sealer.forTenant(command.tenantId)
  const rowToken = parts.randomness.uuid()
  return {
    tenantId: command.tenantId,
    clientId: command.clientId,
    chatId: command.chatId,
    ...sealRequestKey(sealer, command.request),
    channel: command.channel,
    contentType: command.content.type,
    content: sealContent(sealer, command.content, rowToken),
    rowToken,
    sendAt: command.sendAt,
    expiresAt: command.expiresAt,
    deliveryPolicy: command.deliveryPolicy,
    horizonSeconds: parts.waits.horizonSeconds,
    reportTtlSeconds:
      deliveryTtlSeconds(command.content, parts.waits.deliveryTtlSeconds) +
      parts.waits.deliveryGraceSeconds,
  }
}

function acceptAnswer(row: Row, tenantId: string): AcceptAnswer {
  const outcome = text(row, 'outcome')
  if (outcome !== 'accepted' && outcome !== 'replayed') {
    const code = outcome === 'key-mismatch' ? 'idempotency-key-mismatch' : outcome
    return {
      outcome: 'refused',
      code: code as RefusalCode,
      retryAfterSeconds: optionalNumber(row, 'retry_after_seconds'),
    }
  }
  const inSeconds = optionalNumber(row, 'wake_in_seconds')
  const wake: Wake | undefined =
    outcome === 'accepted' && inSeconds !== undefined
      ? { type: 'MESSAGE_SEND', tenantId, taskId: text(row, 'task_id'), inSeconds }
      : undefined
  return {
    outcome: 'accepted',
    messageId: text(row, 'message_id'),
    acceptedAt: text(row, 'accepted_at'),
    wake,
  }
}

/**
 * The sends whose tenant's keys can be had, looked at before anything is claimed: after the claim
 * a lack of keys would cost a lease and end as an answer lost. The relay brings the others again.
 * Throws when none is left, so that the queue brings all of them again.
 */
export async function withKeys<T extends { readonly tenantId: string }>(
  sealers: Sealer,
  sends: readonly T[],
): Promise<readonly T[]> {
  const tenantIds = [...new Set(sends.map(({ tenantId }) => tenantId))]
  const keys = await Promise.allSettled(tenantIds.map((tenantId) => sealers.forTenant(tenantId)))
  const lacking = new Set(tenantIds.filter((_, index) => keys[index]?.status === 'rejected'))
  const failure = keys.find((result) => result.status === 'rejected')
  if (failure !== undefined && lacking.size === tenantIds.length) throw failure.reason
  return sends.filter(({ tenantId }) => !lacking.has(tenantId))
}

/** A claimed row must never throw: its neighbours are claimed too. What does not open is gone. */
function openSend(
  sealer: TenantSealer,
  row: Row,
): { content: ClaimedSend['content']; address: string } {
  const sealed = optionalBytes(row, 'content')
  try {
    return {
      content: sealed && openContent(sealer, sealed, text(row, 'row_token')),
      address: openIdentity(sealer, bytes(row, 'recipient'), text(row, 'recipient_token')),
    }
  } catch {
    return { content: undefined, address: '' }
  }
}

async function toClaim(sealers: Sealer, rows: readonly Row[]) {
  const waiting = rows.filter((row) => row.attempt_id === null)
  const claimed = rows.filter((row) => row.attempt_id !== null)
  return {
    sends: await Promise.all(claimed.map((row) => claimedSend(sealers, row))),
    wakes: waiting
      .filter((row) => row.wake_in_seconds !== null)
      .map((row) => toWake({ ...row, type: 'MESSAGE_SEND' })),
    held: waiting.filter((row) => row.held_reason !== null).map(toHeldSend),
  }
}

function toHeldSend(row: Row): HeldSend {
  return {
    tenantId: text(row, 'tenant_id'),
    taskId: text(row, 'task_id'),
    reason: text(row, 'held_reason'),
  }
}

async function claimedSend(sealers: Sealer, row: Row): Promise<ClaimedSend> {
  const tenantId = text(row, 'tenant_id')
  const sealer = await sealers.forTenant(tenantId)
  const { content, address } = openSend(sealer, row)
  return {
    tenantId,
    taskId: text(row, 'task_id'),
    attemptId: text(row, 'attempt_id'),
    fence: text(row, 'fence'),
    attempts: number(row, 'attempts'),
    messageId: text(row, 'message_id'),
    chatId: text(row, 'chat_id'),
    channel: text(row, 'channel') as Channel,
    content,
    recipient: row.recipient_kind === 'phone' ? { phone: address } : { userId: address },
    sender: {
      phoneNumberId: text(row, 'phone_number_id'),
      secretName: text(row, 'secret_name'),
    },
    media: [],
  }
}

function toOpenedBreaker(row: Row): OpenedBreaker {
  return {
    tenantId: text(row, 'tenant_id'),
    senderId: text(row, 'sender_id'),
    reason: optionalText(row, 'reason'),
    code: optionalNumber(row, 'code'),
  }
}

function settledInput({ settlement, ...send }: SettledSend): unknown {
  return { ...send, ...settlement }
}
