import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  acceptedIn,
  type Bench,
  errorIn,
  number,
  type Receiver,
  startBench,
  startReceiver,
  wamidOf,
} from '#test/support/whatsapp-bench.ts'

const phone = '+5511987654321'
const moved = { nowMs: 0 }
/** The time and what a test adds to it; timers run as ever. */
const clock = {
  now: () => Date.now() + moved.nowMs,
  after: (delayMs: number, run: () => void) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

let receiver: Receiver
let bench: Bench
beforeEach(async () => {
  moved.nowMs = 0
  receiver = await startReceiver()
  bench = await startBench(receiver.url, { clock })
})
afterEach(async () => {
  await bench.close()
  await receiver.close()
})

const write = async (content: object, more: object = {}) => {
  const answer = await bench.steer('POST', 'inbound', { from: phone, content, ...more })
  return { status: answer.status, messageId: String(answer.json.messageId) }
}
const received = async (count: number) => {
  await receiver.until(() => receiver.messages().length >= count)
  return receiver.messages()
}
/** What the phone page shows of the one conversation. */
const shown = async () => {
  const { json } = await bench.steer('GET', 'conversations')
  const [conversation] = json.conversations as { messages: Record<string, unknown>[] }[]
  return conversation?.messages ?? []
}

describe('files', () => {
  const day = 24 * 3_600_000

  it.each([
    ['an upload', 30],
    ['what a person sent', 7],
  ])('%s is gone after %i days', async (origin, days) => {
    const mediaId = origin === 'an upload' ? await uploaded() : await sentByPerson()
    moved.nowMs = days * day - 60_000
    const resolved = await bench.graph('GET', mediaId)
    expect(resolved.status).toBe(200)
    moved.nowMs = days * day
    const late = await bench.graph('GET', mediaId)
    expect([late.status, errorIn(late).code]).toEqual([400, 100])
    const gone = await fetch(String(resolved.json.url), { headers: bench.authorization })
    expect(gone.status).toBe(404)
    const send = await bench.send({ type: 'image', image: { id: mediaId } })
    expect(errorIn(send).code).toBe(131009)
  })

  it('an address that has expired is 404, and a new one is given', async () => {
    const mediaId = await uploaded()
    const address = async () => String((await bench.graph('GET', mediaId)).json.url)
    const first = await address()
    moved.nowMs = 300_000
    expect((await fetch(first, { headers: bench.authorization })).status).toBe(404)
    expect((await fetch(await address(), { headers: bench.authorization })).status).toBe(200)
  })

  async function uploaded(): Promise<string> {
    const form = new FormData()
    form.set('messaging_product', 'whatsapp')
    form.set('file', new Blob(['png'], { type: 'image/png' }), 'a.png')
    const answer = await bench.graph('POST', `${number.phoneNumberId}/media`, { body: form })
    return String(answer.json.id)
  }

  async function sentByPerson(): Promise<string> {
    await write({ type: 'media', mimeType: 'image/png', base64: 'cG5n' })
    const [message] = await received(1)
    return (message as { image: { id: string } }).image.id
  }
})

describe('the page', () => {
  const reply = (id: string, title: string) => ({ type: 'reply', reply: { id, title } })

  it('shows what each type says, and what can be pressed', async () => {
    await bench.send({
      type: 'image',
      image: { link: 'https://a.example/b.png', caption: 'Recibo' },
    })
    await bench.send({
      type: 'interactive',
      interactive: {
        type: 'button',
        header: { type: 'text', text: 'Boleto' },
        body: { text: 'Já pagou?' },
        footer: { text: 'Exemplo' },
        action: { buttons: [reply('sim', 'Sim')] },
      },
    })
    const rows = [{ id: 'r1', title: '2ª via', description: 'Pix' }]
    await bench.send({
      type: 'interactive',
      interactive: {
        type: 'list',
        body: { text: 'Escolha' },
        action: { button: 'Opções', sections: [{ title: 'Suporte', rows }] },
      },
    })
    const link = { display_text: 'Pagar', url: 'https://a.example/1' }
    await bench.send({
      type: 'interactive',
      interactive: {
        type: 'cta_url',
        body: { text: 'Abra' },
        action: { name: 'cta_url', parameters: link },
      },
    })
    expect(await shown()).toMatchObject([
      { text: '📷 Imagem\nRecibo' },
      {
        header: 'Boleto',
        text: 'Já pagou?',
        footer: 'Exemplo',
        options: [{ title: 'Sim', answer: { type: 'button_reply', id: 'sim' } }],
      },
      {
        text: 'Escolha',
        options: [
          { title: '2ª via', description: 'Suporte · Pix', answer: { type: 'list_reply' } },
        ],
      },
      { text: 'Abra', options: [{ title: 'Pagar', url: 'https://a.example/1' }] },
    ])
  })

  it('shows a template with its header, its file and its buttons filled in', async () => {
    const component = (type: string, ...parameters: object[]) => ({ type, parameters })
    const said = (value: string) => ({ type: 'text', text: value })
    await bench.send({
      type: 'template',
      template: {
        name: 'segunda_via',
        language: { code: 'pt_BR' },
        components: [
          component('body', said('Ana'), said('R$ 10')),
          { ...component('button', said('abc')), sub_type: 'url', index: '0' },
          {
            ...component('button', { type: 'payload', payload: 'pago' }),
            sub_type: 'quick_reply',
            index: '1',
          },
        ],
      },
    })
    expect(await shown()).toMatchObject([
      {
        header: 'Segunda via',
        text: 'Olá, Ana. A segunda via da sua parcela de R$ 10 está pronta.',
        options: [
          { title: 'Abrir boleto', url: 'https://boletos.example/abc' },
          { title: 'Já paguei', answer: { type: 'button', payload: 'pago' } },
        ],
      },
    ])
  })

  it('shows a reaction beside what it is put on', async () => {
    const { messageId } = await write({ type: 'text', text: 'Paguei' })
    await bench.send({ type: 'reaction', reaction: { message_id: messageId, emoji: '👍' } })
    await bench.send({ type: 'reaction', reaction: { message_id: messageId, emoji: '' } })
    expect((await shown()).slice(1)).toMatchObject([
      { text: 'Reagiu com 👍', quoted: 'Paguei' },
      { text: 'Retirou a reação', quoted: 'Paguei' },
    ])
  })

  it('lets what can be pressed be pressed', async () => {
    const sent = await bench.send({
      type: 'interactive',
      interactive: {
        type: 'button',
        body: { text: 'Já pagou?' },
        action: { buttons: [reply('sim', 'Sim')] },
      },
    })
    expect(acceptedIn(sent).messages).toHaveLength(1)
    const [message] = (await shown()) as { options: { answer: object }[]; messageId: string }[]
    await write(message?.options[0]?.answer ?? {}, { replyTo: message?.messageId })
    expect(await received(1)).toMatchObject([
      {
        interactive: { type: 'button_reply', button_reply: { id: 'sim', title: 'Sim' } },
        context: { id: wamidOf(sent) },
      },
    ])
  })
})
