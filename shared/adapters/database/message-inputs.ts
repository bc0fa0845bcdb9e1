import { deliveryTtlSeconds, type MessageContent } from '../../domain/content.ts'
import { mediaIdsOf } from '../../domain/content-media.ts'
import type { Durations } from '../../domain/durations.ts'
import type { RefusalCode } from '../../domain/errors.ts'
import { shapeOfContent, type TemplateShape } from '../../domain/template-shape.ts'
import { givenTypesOf } from '../../domain/template-source.ts'
import type {
  AcceptAnswer,
  ExpectedValues,
  MessageRefused,
  MessageWish,
} from '../../ports/message-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { TenantSealer } from '../../ports/sealer.ts'
import type { Wake } from '../../ports/task-queue.ts'
import type { Row } from './data-api.ts'
import { optionalNumber, optionalText, text } from './row-values.ts'
import { sealContent } from './sealed-cells.ts'

/** A message as `take_message_v1` takes it, its content sealed; the tenant is the caller's to add. */
export function wishInput(
  parts: { readonly sealer: TenantSealer; randomness: Randomness; waits: Durations },
  wish: MessageWish,
) {
  const saidInput = (content: MessageContent) => {
    const rowToken = parts.randomness.uuid()
    return {
      contentType: content.type,
      content: sealContent(parts.sealer, content, rowToken),
      rowToken,
      ...(content.type === 'template' && {
        template: {
          name: content.name,
          language: content.language,
          shape: shapeOfContent(content),
        },
      }),
      ...(content.type === 'named-template' && {
        named: {
          name: content.name,
          language: content.language,
          variables: Object.keys(content.variables),
          valueTypes: givenTypesOf(content.variables),
        },
      }),
      ...(content.type === 'email' && { category: content.category ?? 'transactional' }),
      mediaIds: mediaIdsOf(content),
      reportTtlSeconds:
        deliveryTtlSeconds(content, parts.waits.deliveryTtlSeconds) +
        parts.waits.deliveryGraceSeconds,
    }
  }
  return {
    chatId: wish.chatId,
    channel: wish.channel,
    said: saidInput(wish.content),
    fallback: wish.fallback && saidInput(wish.fallback),
    replyToMessageId: wish.replyToMessageId,
    sendAt: wish.sendAt,
    expiresAt: wish.expiresAt,
    deliveryPolicy: wish.deliveryPolicy,
    horizonSeconds: parts.waits.horizonSeconds,
  }
}

/** What a row says of one message that was to be taken. */
export function acceptAnswer(row: Row, tenantId: string): AcceptAnswer {
  const outcome = text(row, 'outcome')
  if (outcome !== 'accepted' && outcome !== 'replayed') return refusedAnswer(row)
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

export function refusedAnswer(row: Row): MessageRefused {
  const outcome = text(row, 'outcome')
  const expected = optionalText(row, 'expected')
  const code = outcome === 'key-mismatch' ? 'idempotency-key-mismatch' : outcome
  return {
    outcome: 'refused',
    code: code as RefusalCode,
    retryAfterSeconds: optionalNumber(row, 'retry_after_seconds'),
    ...(expected !== undefined && expectation(JSON.parse(expected))),
  }
}

function expectation(
  expected: TemplateShape | ExpectedValues,
): Pick<MessageRefused, 'expectedShape' | 'expectedValues'> {
  return 'variables' in expected ? { expectedValues: expected } : { expectedShape: expected }
}
