import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { documents } from '#infra/documents.ts'
import { readContent } from '#shared/adapters/whatsapp/webhook-contents.ts'
import { contentOf, postMessageBody } from '#shared/contracts/post-message.ts'
import { type Judge, judgeBy } from '#test/support/api-schema.ts'
import { postedContents } from '#test/support/outbound-contents.ts'
import { goodRows, mediaId } from './rows/contents.ts'

let judge: Judge
beforeAll(async () => {
  judge = judgeBy(JSON.parse((await documents())['docs/openapi.json'] ?? ''))
})
const asShown = (content: unknown) =>
  judge({ $ref: '#/components/schemas/ShownContent' }, JSON.parse(JSON.stringify(content)))
const asSent = (body: unknown) => judge({ $ref: '#/components/schemas/PostMessageBody' }, body)
const bodyOf = (content: unknown) => ({ channel: 'WHATSAPP', content })

describe('what can be sent is documented, on its way in and when it is read back', () => {
  it.each(goodRows)('%s', (_, content) => {
    expect(asSent(JSON.parse(JSON.stringify(bodyOf(content))))).toBeUndefined()
    expect(asShown(contentOf(postMessageBody.parse(bodyOf(content))))).toBeUndefined()
  })

  it.each(Object.entries(postedContents))('%s at random', (_, contents) => {
    void fc.assert(
      fc.property(contents as fc.Arbitrary<unknown>, (content) => {
        const body = JSON.parse(JSON.stringify(bodyOf(content)))
        expect(asSent(body)).toBeUndefined()
        expect(asShown(contentOf(postMessageBody.parse(body)))).toBeUndefined()
      }),
    )
  })
})

describe('what people send is documented', () => {
  const rows: readonly (readonly [string, unknown])[] = [
    ['text', { body: 'Olá' }],
    ['image', { id: '1', mime_type: 'image/jpeg', sha256: 'q80=', caption: 'Foto' }],
    ['audio', { id: '1', mime_type: 'audio/ogg', voice: true }],
    ['document', { id: '1', mime_type: 'application/pdf', filename: 'boleto.pdf' }],
    ['sticker', { id: '1', mime_type: 'image/webp' }],
    ['location', { latitude: -23.5, longitude: '-46.6', name: 'Sé' }],
    [
      'contacts',
      [{ name: { formatted_name: 'Ana' }, phones: [{ phone: '+55 11', type: 'CELL' }] }],
    ],
    ['reaction', { message_id: 'wamid.0', emoji: '👍' }],
    ['button', { payload: 'PARCELAS', text: 'Ver parcelas' }],
    ['interactive', { type: 'button_reply', button_reply: { id: 'a', title: 'Sim' } }],
    ['interactive', { type: 'list_reply', list_reply: { id: 'b', title: '2ª', description: 'x' } }],
    ['interactive', { type: 'nfm_reply', nfm_reply: { response_json: '{"cpf":"1"}' } }],
    [
      'order',
      {
        catalog_id: '1',
        product_items: [{ product_retailer_id: 'a', quantity: 2, item_price: 3.5 }],
      },
    ],
    ['system', { type: 'user_changed_number', body: 'Ana changed', wa_id: '5511' }],
    ['unsupported', { type: 'poll' }],
    ['poll', { question: 'x' }],
    ['text', { body: 7 }],
  ]
  it.each(rows)('%s %j', (type, body) => {
    const message = { from: '5511987654321', id: 'wamid.1', timestamp: '1795430000', type }
    const { content } = readContent({ ...message, [type]: body }, () => mediaId)
    expect(content.type).not.toBe('')
    expect(asShown(content)).toBeUndefined()
  })
})
