import { type Durations, pairBurst } from '../../domain/durations.ts'
import type { RefusalCode } from '../../domain/errors.ts'
import type { MessageFacts } from '../../domain/message-check.ts'
import type {
  AcceptManyAnswer,
  AcceptMessages,
  CheckAnswer,
  CheckMessage,
  MessageDesk,
  ResendMessage,
} from '../../ports/message-desk.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer } from '../../ports/sealer.ts'
import { callAs } from './client-call.ts'
import type { DataApi } from './data-api.ts'
import { acceptAnswer, refusedAnswer, wishInput } from './message-inputs.ts'
import { toShownMessage } from './message-rows.ts'
import { readStory } from './message-story.ts'
import { sealRequestKey } from './request-key.ts'
import { optionalNumber, optionalText, text } from './row-values.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
  readonly randomness: Randomness
  readonly waits: Durations
}

/** What programs do with messages, in PostgreSQL: each method is one call. */
export function makeMessageDesk(parts: Parts): MessageDesk {
  const { database } = parts
  return {
    get: (caller, name) => readStory(parts, caller, name),
    acceptMany: (command) => acceptMany(parts, command),
    check: (command) => checkMessage(parts, command),
    resend: async (command) => {
      const input = await resendInput(parts, command)
      const [row] = await callAs(database, command, { name: 'resend_message_v1', input })
      return acceptAnswer(row, command.tenantId)
    },
    delete: async ({ meter, ...message }) => {
      const caller = { ...message, meter }
      const [row] = await callAs(database, caller, { name: 'delete_message_v1', input: message })
      const outcome = text(row, 'outcome')
      if (outcome === 'deleted') return { outcome, message: toShownMessage(text(row, 'message')) }
      return {
        outcome: 'refused',
        code: outcome as RefusalCode,
        retryAfterSeconds: optionalNumber(row, 'retry_after_seconds'),
      }
    },
  }
}

async function acceptMany(parts: Parts, command: AcceptMessages): Promise<AcceptManyAnswer> {
  const { tenantId, clientId } = command
  const sealer = await parts.sealer.forTenant(tenantId)
  const input = {
    ...{ tenantId, clientId, ...sealRequestKey(sealer, command.request) },
    messages: command.messages.map((message) => wishInput({ ...parts, sealer }, message)),
  }
  const rows = await callAs(parts.database, command, { name: 'accept_messages_v1', input })
  const [first] = rows
  if (first.place === null) return refusedAnswer(first)
  return { outcome: 'answered', items: rows.map((row) => acceptAnswer(row, tenantId)) }
}

async function checkMessage(parts: Parts, command: CheckMessage): Promise<CheckAnswer> {
  const { tenantId, clientId } = command
  const sealer = await parts.sealer.forTenant(tenantId)
  const { slotToleranceSeconds, pairIntervalSeconds } = parts.waits
  const input = {
    ...{ tenantId, clientId, ...wishInput({ ...parts, sealer }, command) },
    pacing: { slotToleranceSeconds, pairIntervalSeconds, pairBurst },
  }
  const [row] = await callAs(parts.database, command, { name: 'check_message_v1', input })
  const facts = optionalText(row, 'facts')
  if (facts === undefined) return refusedAnswer(row)
  return {
    outcome: 'checked',
    facts: JSON.parse(facts) as MessageFacts,
    refusal: text(row, 'outcome') === 'accepted' ? undefined : refusedAnswer(row),
    usesFallback: row.uses_fallback === null ? undefined : row.uses_fallback === true,
  }
}

async function resendInput(parts: Parts, command: ResendMessage): Promise<unknown> {
  const sealer = await parts.sealer.forTenant(command.tenantId)
  return {
    tenantId: command.tenantId,
    clientId: command.clientId,
    ...sealRequestKey(sealer, command.request),
    chatId: command.chatId,
    messageId: command.messageId,
    sendAt: command.sendAt,
    expiresAt: command.expiresAt,
    horizonSeconds: parts.waits.horizonSeconds,
  }
}
