import { type SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses'
import type { DeliveryResult } from '#shared/domain/delivery.ts'
import type { EmailDelivery, EmailProvider } from '#shared/ports/email-provider.ts'
import { composeMessage, type MimeMessage } from './mime-message.ts'
import { failureOf } from './send-errors.ts'

export interface SesOptions {
  /** Its `maxAttempts` must be 1: SES does not know a repeated mail from a new one. */
  readonly client: SESClient
  /** Limit of one send, connecting included; shorter than the lease of a claimed send. */
  readonly timeoutMs: number
}

/** What SES's MessageIds look like; anything else is no answer of its. */
const messageId = /^[A-Za-z0-9-]{1,128}$/

/**
 * Sends mails through SES v1 `SendRawEmail`, one request for one attempt. Resolves for every answer
 * and for none; SES's texts may quote addresses and are neither logged nor returned.
 * @throws Error when the client tries again on its own.
 */
export function makeSesProvider({ client, timeoutMs }: SesOptions): EmailProvider {
  return {
    send: async (delivery) => {
      if ((await client.config.maxAttempts()) !== 1) {
        throw new Error('a client that sends mails must have maxAttempts: 1')
      }
      const message = await composeMessage(delivery)
      if (typeof message === 'string') return { outcome: 'rejected', reason: message }
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        const answer = await client.send(commandOf(delivery, message), { abortSignal: signal })
        return accepted(answer.MessageId)
      } catch (error) {
        return failureOf(error, { from: message.source, timedOut: signal.aborted })
      }
    },
  }
}

function accepted(id: string | undefined): DeliveryResult {
  return id !== undefined && messageId.test(id)
    ? { outcome: 'accepted', providerMessageId: id, held: false }
    : { outcome: 'unknown', detail: 'unreadable-answer' }
}

/** The envelope is given apart, so that no header decides where a mail goes. */
function commandOf(delivery: EmailDelivery, message: MimeMessage): SendRawEmailCommand {
  const { attemptId, tenantId, configurationSet } = delivery
  return new SendRawEmailCommand({
    Source: message.source,
    Destinations: [message.destination],
    RawMessage: { Data: message.raw },
    Tags: [
      { Name: 'attempt_id', Value: attemptId },
      { Name: 'tenant_id', Value: tenantId },
    ],
    ...(configurationSet !== undefined && { ConfigurationSetName: configurationSet }),
  })
}
