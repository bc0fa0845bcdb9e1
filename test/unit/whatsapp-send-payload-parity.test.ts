import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSend } from '#infra/local/whatsapp/send-request.ts'
import { sendPayload } from '#shared/adapters/whatsapp/send-payload.ts'
import { contentOf, postMessageBody } from '#shared/contracts/post-message.ts'
import { mediaIdsOf } from '#shared/domain/content-media.ts'
import type { DeliveryRequest } from '#shared/ports/message-provider.ts'
import { outboundContents } from '#test/support/outbound-contents.ts'

const attemptId = '0198c1d2-7b1e-7c7a-9a50-5f0f4e7a9b11'

function requestOf(content: unknown, replyTo: string | undefined): DeliveryRequest {
  const parsed = contentOf(postMessageBody.parse({ channel: 'WHATSAPP', content }))
  return {
    attemptId,
    sender: { phoneNumberId: '106540000000001', secretName: 'numero' },
    recipient: { phone: '+5511987654321' },
    content: parsed,
    media: new Map(mediaIdsOf(parsed).map((mediaId) => [mediaId, '1099887766'])),
    ...(replyTo !== undefined && { replyTo }),
  }
}

/** The contract and the simulator were written apart: each checks the other's limits. */
describe('every content that the contract takes', () => {
  it.each(Object.entries(outboundContents))('%s is one that Meta’s schema takes', (_, contents) => {
    const replies = fc.constantFrom(undefined, 'wamid.AAA=')
    fc.assert(
      fc.property(contents as fc.Arbitrary<{ type: string }>, replies, (content, reply) => {
        const replyTo = content.type === 'reaction' ? 'wamid.AAA=' : reply
        const payload = sendPayload(requestOf(content, replyTo))
        const read = readSend(Buffer.from(JSON.stringify(payload)))
        expect(read).toMatchObject({
          to: '+5511987654321',
          attemptId,
          message: { type: content.type },
          replyTo: content.type === 'reaction' ? undefined : replyTo,
        })
      }),
      { numRuns: 200 },
    )
  })
})
