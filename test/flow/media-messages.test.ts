import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Flow, startFlow, until } from '#test/support/stack.ts'

const png = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.alloc(40_000, 'r'),
])

interface Upload {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** Files in messages, from one end to the other. */
describe('messages with files', () => {
  let flow: Flow

  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow.stop())
  beforeEach(() => {
    flow.phones.clearLedger()
  })

  async function bring(): Promise<string> {
    const body = { kind: 'image', mimeType: 'image/png', sizeBytes: png.length }
    const created = await flow.ask('POST /media', { body })
    const upload = created.json?.upload as Upload | undefined
    if (upload === undefined) throw new Error(`no address: ${created.text}`)
    const { 'content-length': _, ...rest } = upload.headers
    expect((await fetch(upload.url, { method: 'PUT', headers: rest, body: png })).status).toBe(200)
    return String(created.json?.mediaId)
  }
  const complete = (mediaId: string) => flow.ask(`POST /media/${mediaId}/complete`)
  const image = (mediaId: string, caption: string) => ({
    channel: 'WHATSAPP',
    content: { type: 'image', mediaId, caption },
  })
  const sentImages = () =>
    flow.phones
      .ledger()
      .calls.map(({ body }) => (body as { image: { id: string; caption: string } }).image)
  const reads = (chatId: string, count: number) =>
    until(
      () => flow.thread(chatId),
      (thread) => thread.filter(({ status }) => status === 'READ').length === count,
    )

  it('a file goes out under the name that Meta gave it, and is brought there once', async () => {
    const chatId = await flow.openChat()
    const mediaId = await bring()
    expect(await flow.post(chatId, { body: image(mediaId, 'Boleto') })).toMatchObject({
      status: 409,
      json: { code: 'media-not-ready' },
    })
    expect(await complete(mediaId)).toMatchObject({ status: 200, json: { state: 'STORED' } })
    for (const caption of ['Boleto', 'De novo']) {
      expect((await flow.post(chatId, { body: image(mediaId, caption) })).status).toBe(202)
    }
    await reads(chatId, 2)
    const [first, second] = sentImages()
    expect(first).toMatchObject({ caption: 'Boleto' })
    expect(first?.id).not.toBe(mediaId)
    expect(second).toEqual({ ...first, caption: 'De novo' })
    expect(await flow.rows('select count(*)::int from media_uploads')).toEqual([{ count: 1 }])
  })

  it("another tenant's file is not found", async () => {
    const mediaId = await bring()
    await complete(mediaId)
    const token = flow.stack.ready.otherTenantToken
    const person = { externalId: 'outra', name: 'Rui' }
    const contacts = [{ channel: 'WHATSAPP', address: '+5511970019999' }]
    const chat = await flow.ask('POST /chats', { body: { person, contacts }, token })
    expect(
      await flow.post(String(chat.json?.chatId), { body: image(mediaId, 'x'), token }),
    ).toMatchObject({ status: 404, json: { code: 'media-not-found' } })
  })

  it('a file that a person sends is shown at once and fetched without being asked for', async () => {
    const from = '+5511970010001'
    const chatId = await flow.openChat(from)
    flow.phones.inbound({
      from,
      content: {
        type: 'media',
        mimeType: 'image/png',
        base64: png.toString('base64'),
        caption: 'Comprovante',
      },
    })
    const [message] = await until(
      () => flow.thread(chatId),
      (thread) => thread.length === 1,
    )
    const content = message?.content as unknown as { mediaId: string }
    expect(content).toMatchObject({ type: 'image', caption: 'Comprovante' })
    const { json } = await until(
      () => flow.ask(`GET /media/${content.mediaId}`),
      (answer) => answer.json?.state !== 'PENDING',
    )
    expect(json).toMatchObject({ state: 'STORED', sizeBytes: png.length })
    const download = json?.download as { url: string } | undefined
    const response = await fetch(download?.url ?? '')
    expect(Buffer.from(await response.arrayBuffer()).equals(png)).toBe(true)
  })

  it('SAIR is confirmed and keeps templates away until VOLTAR', async () => {
    const from = '+5511970010002'
    const chatId = await flow.openChat(from)
    const template = { type: 'template', name: 'aviso_geral', language: 'pt_BR' }
    const offer = () => flow.post(chatId, { body: { channel: 'WHATSAPP', content: template } })
    // WhatsApp tells whole seconds, and of two words in one second the stop counts.
    const startedAt = Math.floor(Date.now() / 1000)
    const says = async (text: string, messages: number) => {
      const timestamp = startedAt + messages
      flow.phones.inbound({ from, content: { type: 'text', text }, timestamp })
      return until(
        () => flow.thread(chatId),
        (thread) => thread.length === messages && thread.every(({ status }) => status !== 'QUEUED'),
      )
    }
    await says(' Sair! ', 2)
    expect(await offer()).toMatchObject({ status: 422, json: { code: 'opted-out' } })
    await reads(chatId, 1)
    await says('VOLTAR', 4)
    expect((await offer()).status).toBe(202)
    await reads(chatId, 3)
  })
})
