import { Refusal, type RefusalCode, type RefusalDetail } from '../domain/errors.ts'
import { explainMismatch, shapeOfContent, type TemplateShape } from '../domain/template-shape.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { AcceptMessage, MessageStore } from '../ports/message-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'

export interface AcceptedMessage {
  readonly messageId: string
  readonly acceptedAt: string
}

/** What costs money or the number; somebody must hear of it. */
const limits: readonly RefusalCode[] = ['unique-users-limit', 'charged-limit']

/** What became of a template at the provider; its messages do not go until somebody acts. */
const templateBlocks: readonly RefusalCode[] = [
  'template-recategorised',
  'template-paused',
  'template-disabled',
  'template-not-approved',
]

/** Takes a message for sending. Once it answers, the message reaches a final, visible state. */
export function makePostMessage(messages: MessageStore, queue: TaskQueue, alerts: Alerts) {
  return async (command: AcceptMessage): Promise<AcceptedMessage> => {
    const answer = await messages.accept(command)
    if (answer.outcome === 'refused') {
      const { code, retryAfterSeconds, expectedShape } = answer
      if (limits.includes(code)) {
        alerts.raise('SendRefusedByLimit', { tenantId: command.tenantId, code })
      }
      if (templateBlocks.includes(code)) {
        alerts.raise('TemplateBlocked', { tenantId: command.tenantId, code })
      }
      throw new Refusal(code, retryAfterSeconds, expectedShape && mismatch(command, expectedShape))
    }
    if (answer.wake !== undefined) await queue.wake([answer.wake])
    return { messageId: answer.messageId, acceptedAt: answer.acceptedAt }
  }
}

/** What to mend in the template that was given: the content, else its fallback. */
function mismatch(
  { content, fallback }: AcceptMessage,
  shape: TemplateShape,
): RefusalDetail | undefined {
  const template = content.type === 'template' ? content : fallback
  if (template === undefined) return undefined
  const place = content.type === 'template' ? 'content' : 'fallbackTemplate'
  return {
    expected: { ...shape },
    problems: explainMismatch(shape, shapeOfContent(template)).map(({ path, message }) => ({
      path: path.replace(/^content/, place),
      message,
    })),
  }
}
