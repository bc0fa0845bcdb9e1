import type { DeliveryResult } from '#shared/domain/delivery.ts'
import type { DeliveryRequest, MessageProvider } from '#shared/ports/message-provider.ts'
import type { ReadReceipts } from '#shared/ports/read-receipts.ts'
import { readAcceptance, readSuccess } from './graph-answer.ts'
import { type CloudApiOptions, makeMessagesCall } from './messages-call.ts'
import { sendPayload } from './send-payload.ts'

type Accepted = Extract<DeliveryResult, { outcome: 'accepted' }>

const invalidRequest = { outcome: 'rejected', reason: 'invalid-request' } as const

/** Sends messages through Meta's WhatsApp Cloud API; see `messages-call.ts` for what one call is. */
export function makeCloudApiProvider(options: CloudApiOptions): MessageProvider {
  const call = makeMessagesCall(options)
  return {
    send: async (request) => {
      const payload = sendPayload(request)
      if (payload === undefined) return { outcome: 'rejected', reason: 'unsupported-content' }
      if (!isAddressed(request)) return invalidRequest
      return call({ sender: request.sender, payload, accepted: toAccepted })
    },
  }
}

/** Marks what people wrote as read (blue ticks), where asked with the typing indicator. */
export function makeCloudApiReadReceipts(options: CloudApiOptions): ReadReceipts {
  const call = makeMessagesCall(options)
  return {
    tell: ({ sender, providerMessageId, typing }) =>
      call({
        sender,
        payload: {
          messaging_product: 'whatsapp',
          status: 'read',
          message_id: providerMessageId,
          ...(typing && { typing_indicator: { type: 'text' } }),
        },
        accepted: (json) => readSuccess(json) && { outcome: 'accepted' as const },
      }),
  }
}

/** Without `+` Meta would put the sender's own country in front and reach a stranger. */
function isAddressed({ recipient }: DeliveryRequest): boolean {
  return 'phone' in recipient ? /^\+\d{7,15}$/.test(recipient.phone) : recipient.userId !== ''
}

function toAccepted(json: unknown): Accepted | undefined {
  const answer = readAcceptance(json)
  return (
    answer && {
      outcome: 'accepted',
      providerMessageId: answer.messageId,
      held: answer.status !== undefined && answer.status !== 'accepted',
      ...(answer.waId !== undefined && { waId: answer.waId }),
    }
  )
}
