import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCloudApiProvider } from '#shared/adapters/whatsapp/cloud-api-provider.ts'
import { sendPayload } from '#shared/adapters/whatsapp/send-payload.ts'
import type { MessageContent } from '#shared/domain/content.ts'
import type { TemplateVariables } from '#shared/domain/template-content.ts'
import type { DeliveryRequest } from '#shared/ports/message-provider.ts'
import { type Bench, number, startBench } from '#test/support/whatsapp-bench.ts'

const phone = '+5511987654321'
const ids = {
  image: '0198c1d2-0000-7c7a-9a50-000000000001',
  video: '0198c1d2-0000-7c7a-9a50-000000000002',
  audio: '0198c1d2-0000-7c7a-9a50-000000000003',
  document: '0198c1d2-0000-7c7a-9a50-000000000004',
  sticker: '0198c1d2-0000-7c7a-9a50-000000000005',
}
const types: Readonly<Record<keyof typeof ids, string>> = {
  image: 'image/png',
  video: 'video/mp4',
  audio: 'audio/ogg',
  document: 'application/pdf',
  sticker: 'image/webp',
}
const media = new Map<string, string>()

let bench: Bench
beforeAll(async () => {
  bench = await startBench(undefined)
  for (const kind of Object.keys(ids) as (keyof typeof ids)[]) {
    media.set(ids[kind], await upload(types[kind]))
  }
  const body = { type: 'BODY', text: 'Olá, {{1}}.' }
  await bench.steer('PUT', 'templates', [
    {
      name: 'com_nota',
      components: [
        { type: 'HEADER', format: 'DOCUMENT' },
        body,
        { type: 'BUTTONS', buttons: [{ type: 'COPY_CODE', text: 'Copiar Pix' }] },
      ],
    },
    {
      name: 'com_conta',
      components: [body, { type: 'BUTTONS', buttons: [{ type: 'ORDER_DETAILS', text: 'Pagar' }] }],
    },
    {
      name: 'mes',
      components: [
        { type: 'HEADER', format: 'TEXT', text: 'Conta de {{mes}}' },
        { type: 'BODY', text: 'Olá, {{nome}}. São {{valor}}.' },
      ],
    },
  ])
})
afterAll(() => bench.close())

async function upload(mimeType: string): Promise<string> {
  const form = new FormData()
  form.set('messaging_product', 'whatsapp')
  form.set('file', new Blob(['bytes'], { type: mimeType }), 'arquivo')
  const answer = await bench.graph('POST', `${number.phoneNumberId}/media`, { body: form })
  return String(answer.json.id)
}

async function send(content: MessageContent, replyTo?: string) {
  const request: DeliveryRequest = {
    attemptId: crypto.randomUUID(),
    sender: { phoneNumberId: number.phoneNumberId, secretName: 'numero' },
    recipient: { phone },
    content,
    media,
    ...(replyTo !== undefined && { replyTo }),
  }
  const result = await makeCloudApiProvider({
    graphUrl: bench.url,
    version: 'v26.0',
    token: async () => number.accessToken,
    timeoutMs: 20_000,
  }).send(request)
  return { request, result, call: bench.ledger().calls.at(-1) }
}

/** The newest message on the phone's page. */
async function newest(): Promise<Record<string, unknown> | undefined> {
  const { json } = await bench.steer('GET', 'conversations')
  const [conversation] = json.conversations as { messages: Record<string, unknown>[] }[]
  return conversation?.messages.at(-1)
}

const template = (name: string, variables?: TemplateVariables): MessageContent => ({
  type: 'template',
  name,
  language: 'pt_BR',
  ...(variables !== undefined && { variables }),
})
const frame = { type: 'interactive', body: 'Já pagou?', footer: 'Exemplo' } as const
const ana = { formattedName: 'Ana Lima', firstName: 'Ana' }

const sent: readonly (readonly [MessageContent, object])[] = [
  [{ type: 'text', text: 'Olá, ação 👍' }, { text: 'Olá, ação 👍' }],
  [{ type: 'image', mediaId: ids.image, caption: 'Recibo' }, { text: '📷 Imagem\nRecibo' }],
  [{ type: 'video', mediaId: ids.video }, { text: '🎬 Vídeo' }],
  [{ type: 'audio', mediaId: ids.audio, voice: true }, { text: '🎤 Mensagem de voz' }],
  [
    { type: 'document', mediaId: ids.document, filename: 'nf.pdf', caption: 'Nota' },
    { text: '📄 nf.pdf\nNota' },
  ],
  [{ type: 'sticker', mediaId: ids.sticker }, { text: '🏷️ Figurinha' }],
  [
    { type: 'location', latitude: -23.55052, longitude: -46.63331, name: 'Loja' },
    { text: '📍 Loja\n-23.55052, -46.63331' },
  ],
  [
    { type: 'contacts', contacts: [{ name: ana, phones: [{ phone: '+5511912345678' }] }] },
    { text: '👤 Ana Lima · +5511912345678' },
  ],
  [
    {
      ...frame,
      kind: 'buttons',
      header: { type: 'image', mediaId: ids.image },
      buttons: [{ id: 'sim', title: 'Sim' }],
    },
    { header: '📷 Imagem', text: 'Já pagou?', footer: 'Exemplo', options: [{ title: 'Sim' }] },
  ],
  [
    {
      ...frame,
      kind: 'list',
      button: 'Opções',
      sections: [{ title: 'Suporte', rows: [{ id: 'r1', title: '2ª via' }] }],
    },
    { text: 'Já pagou?', options: [{ title: '2ª via', description: 'Suporte' }] },
  ],
  [
    { ...frame, kind: 'cta_url', displayText: 'Pagar', url: 'https://exemplo.com.br/1' },
    { options: [{ title: 'Pagar', url: 'https://exemplo.com.br/1' }] },
  ],
  [template('aviso_geral'), { text: 'Temos uma mensagem para você. Podemos conversar?' }],
  [
    template('mes', { header: { mes: 'maio' }, body: { valor: 'R$ 10', nome: 'Ana' } }),
    { header: 'Conta de maio', text: 'Olá, Ana. São R$ 10.' },
  ],
  [
    template('com_nota', {
      headerMedia: { type: 'document', mediaId: ids.document, filename: 'nf.pdf' },
      body: ['Ana'],
      buttons: [{ index: 0, type: 'copy_code', code: 'PIX10' }],
    }),
    { header: '📄 nf.pdf', text: 'Olá, Ana.', options: [{ title: 'Copiar Pix' }] },
  ],
  [
    template('com_conta', {
      body: ['Ana'],
      buttons: [
        {
          index: 0,
          type: 'order_details',
          order: {
            referenceId: '8812.1',
            totalCents: 1000,
            description: 'Curso',
            payments: [{ type: 'link', url: 'https://pagar.example/8812' }],
          },
        },
      ],
    }),
    { text: 'Olá, Ana.', options: [{ title: 'Pagar' }] },
  ],
  [
    template('segunda_via', {
      body: ['Ana', 'R$ 10'],
      buttons: [
        { index: 0, type: 'url', text: 'abc' },
        { index: 1, type: 'quick_reply', payload: 'pago' },
      ],
    }),
    {
      options: [
        { url: 'https://boletos.example/abc' },
        { answer: { type: 'button', payload: 'pago' } },
      ],
    },
  ],
]

describe('every content reaches the phone', () => {
  it.each(sent)('%j', async (content, shown) => {
    const { request, result, call } = await send(content)
    expect(result).toMatchObject({ outcome: 'accepted', waId: '5511987654321' })
    const body = JSON.parse(JSON.stringify(sendPayload(request)))
    expect(call).toMatchObject({ accepted: true, type: content.type, attemptId: request.attemptId })
    expect(call?.body).toEqual(body)
    expect(await newest()).toMatchObject({ direction: 'outbound', type: content.type, ...shown })
  })

  it('quotes', async () => {
    const { messageId } = bench.inbound({ from: phone, content: { type: 'text', text: 'Quanto?' } })
    await send({ type: 'text', text: 'R$ 10' }, messageId)
    expect(await newest()).toMatchObject({ text: 'R$ 10', replyTo: messageId, quoted: 'Quanto?' })
  })

  it.each(['👍', ''])('reacts with %j', async (emoji) => {
    const { messageId } = bench.inbound({ from: phone, content: { type: 'text', text: 'Paguei' } })
    const { result, call } = await send({ type: 'reaction', emoji }, messageId)
    expect(result).toMatchObject({ outcome: 'accepted' })
    expect(call?.body).not.toHaveProperty('context')
    expect(await newest()).toMatchObject({ type: 'reaction', quoted: 'Paguei' })
  })

  it('a file that WhatsApp has not got is not sent for', async () => {
    bench.clearLedger()
    const unknown = '0198c1d2-0000-7c7a-9a50-00000000000f'
    const { result } = await send({ type: 'image', mediaId: unknown })
    expect(result).toEqual({ outcome: 'rejected', reason: 'unsupported-content' })
    expect(bench.ledger().calls).toEqual([])
  })

  it('a file of another kind is refused for good', async () => {
    const { result } = await send({ type: 'video', mediaId: ids.image })
    expect(result).toEqual({ outcome: 'rejected', reason: 'media-failed', code: 131053 })
  })
})
