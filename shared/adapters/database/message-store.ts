import { type Durations, failuresToOpen, pairBurst } from '../../domain/durations.ts'
import type { RefusalCode } from '../../domain/errors.ts'
import type {
  AcceptMessage,
  MessageStore,
  OpenedBreaker,
  SettledSend,
} from '../../ports/message-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer } from '../../ports/sealer.ts'
import { readClaim, uploadCell } from './claimed-sends.ts'
import { callAs } from './client-call.ts'
import type { DataApi, Row } from './data-api.ts'
import { acceptAnswer, wishInput } from './message-inputs.ts'
import { sealRequestKey } from './request-key.ts'
import { optionalNumber, optionalText, text } from './row-values.ts'
import { base64, sealIdentity } from './sealed-cells.ts'
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
      const [row] = await callAs(database, command, { name: 'accept_message_v3', input })
      return acceptAnswer(row, command.tenantId)
    },
    claim: async ({ claimToken, sends }) => {
      const openable = await withKeys(parts.sealer, sends)
      const rows = await call('claim_sends_v5', {
        claimToken,
        sends: openable,
        ...claimRules(waits),
      })
      return readClaim(parts.sealer, rows)
    },
    settle: async (sends) => {
      const rows = await call('settle_sends_v2', {
        sends: await Promise.all(sends.map((send) => settledInput(parts, send))),
        ...settleRules(waits),
      })
      const opened = (row: Row) => row.type === 'BREAKER_OPENED'
      return {
        wakes: rows.filter((row) => !opened(row)).map(toWake),
        openedBreakers: rows.filter(opened).map(toOpenedBreaker),
      }
    },
    cancel: async (message) => {
      const rows = await callAs(database, message, {
        name: 'cancel_message_v2',
        input: { ...message, patienceSeconds: waits.patienceSeconds },
      })
      const [first] = rows
      const outcome = text(first, 'outcome')
      if (outcome !== 'cancelled') {
        return {
          outcome: 'refused',
          code: outcome as RefusalCode,
          retryAfterSeconds: optionalNumber(first, 'retry_after_seconds'),
        }
      }
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
  const { tenantId, clientId } = command
  const sealer = await parts.sealer.forTenant(tenantId)
  return {
    ...{ tenantId, clientId, ...sealRequestKey(sealer, command.request) },
    ...wishInput({ ...parts, sealer }, command),
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

function toOpenedBreaker(row: Row): OpenedBreaker {
  return {
    tenantId: text(row, 'tenant_id'),
    senderId: text(row, 'sender_id'),
    reason: optionalText(row, 'reason'),
    code: optionalNumber(row, 'code'),
  }
}

async function settledInput(
  { sealer: sealers, randomness }: { sealer: Sealer; randomness: Randomness },
  { settlement, learnedPhone, uploads, ...send }: SettledSend,
): Promise<unknown> {
  const input = { ...send, ...settlement }
  if (learnedPhone === undefined && uploads === undefined) return input
  const sealer = await sealers.forTenant(send.tenantId)
  return {
    ...input,
    identity:
      learnedPhone &&
      sealIdentity(sealer, { kind: 'phone', value: learnedPhone, rowToken: randomness.uuid() }),
    uploads: uploads?.map(({ mediaId, providerMediaId }) => {
      const rowToken = randomness.uuid()
      const sealed = sealer.seal(uploadCell(rowToken), providerMediaId)
      return { mediaId, providerMediaId: base64(sealed), rowToken }
    }),
  }
}
