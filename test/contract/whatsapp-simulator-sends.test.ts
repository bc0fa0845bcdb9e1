import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  acceptedIn,
  type Bench,
  errorIn,
  number,
  otherNumber,
  startBench,
  text,
  wamidOf,
} from '#test/support/whatsapp-bench.ts'

let bench: Bench
beforeAll(async () => {
  bench = await startBench(undefined)
})
afterAll(() => bench.close())
beforeEach(() => bench.clearLedger())

const path = `${number.phoneNumberId}/messages`
const link = 'https://cdn.example/nf.pdf'
const interactive = (kind: object) => ({ type: 'interactive', interactive: kind })
const button = (id: string, title: string) => ({ type: 'reply', reply: { id, title } })
const buttons = (...given: object[]) =>
  interactive({ type: 'button', body: { text: 'Escolha' }, action: { buttons: given } })
const list = (sections: object[]) =>
  interactive({ type: 'list', body: { text: 'Escolha' }, action: { button: 'Opções', sections } })
const rows = (count: number, prefix = 'r') =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index}`, title: 'Linha' }))
const contact = (name: object) => ({ type: 'contacts', contacts: [{ name }] })

describe('POST /{phone number id}/messages', () => {
  it('answers as Meta does and keeps the call in the ledger', async () => {
    const answer = await bench.send({ ...text('Olá'), biz_opaque_callback_data: 'tentativa-1' })
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      messaging_product: 'whatsapp',
      contacts: [{ input: '+5511987654321', wa_id: '5511987654321' }],
      messages: [{ id: expect.stringMatching(/^wamid\.[\w+/]+=*$/) }],
    })
    expect(bench.ledger().calls).toMatchObject([
      {
        attemptId: 'tentativa-1',
        to: '+5511987654321',
        phoneNumberId: number.phoneNumberId,
        meant: 'plain',
        accepted: true,
        httpStatus: 200,
        wamid: wamidOf(answer),
        body: { text: { body: 'Olá' } },
      },
    ])
  })

  const authorization = 'Bearer token-de-teste'
  it.each([
    { what: 'no token', headers: {}, status: 401, code: 0 },
    {
      what: 'an unknown token',
      headers: { authorization: 'Bearer nope' },
      status: 401,
      code: 190,
    },
    {
      what: "another number's token",
      headers: { authorization: 'Bearer outro-token' },
      status: 403,
      code: 10,
    },
    {
      what: 'an unknown number',
      target: '999/messages',
      headers: { authorization },
      status: 400,
      code: 100,
    },
  ])('refuses $what and notes the call', async ({ target = path, headers, status, code }) => {
    const body = JSON.stringify({
      messaging_product: 'whatsapp',
      to: '+5511987654321',
      ...text('x'),
    })
    const answer = await bench.call('POST', `/v26.0/${target}`, { headers, body })
    expect([answer.status, errorIn(answer).code]).toEqual([status, code])
    expect(bench.ledger().calls).toMatchObject([{ accepted: false, httpStatus: status, code }])
  })

  it.each([
    ['v20.0', 400],
    ['v99.0', 400],
    ['v21.0', 200],
  ])('answers version %s with HTTP %i', async (version, status) => {
    const body = JSON.stringify({
      messaging_product: 'whatsapp',
      to: '+5511987654321',
      ...text('x'),
    })
    const init = { headers: bench.authorization, body }
    expect((await bench.call('POST', `/${version}/${path}`, init)).status).toBe(status)
  })

  it.each<[string, object]>([
    ['text', text('x'.repeat(4096))],
    ['image', { type: 'image', image: { link, caption: 'c' } }],
    ['document', { type: 'document', document: { link, filename: 'nf.pdf' } }],
    ['video', { type: 'video', video: { link } }],
    ['audio', { type: 'audio', audio: { link, voice: true } }],
    ['sticker', { type: 'sticker', sticker: { link } }],
    ['location', { type: 'location', location: { latitude: '-23.5', longitude: -46.6 } }],
    ['contacts', contact({ formatted_name: 'Ana Lima', first_name: 'Ana' })],
    ['reply buttons', buttons(button('a', 'Sim'), button('b', 'Não'))],
    ['list', list([{ rows: rows(10) }])],
    [
      'link button',
      interactive({
        type: 'cta_url',
        body: { text: 'Abra' },
        action: { name: 'cta_url', parameters: { display_text: 'Abrir', url: link } },
      }),
    ],
    [
      'location request',
      interactive({
        type: 'location_request_message',
        body: { text: 'Onde?' },
        action: { name: 'send_location' },
      }),
    ],
    ['flow (passed through)', interactive({ type: 'flow', action: { name: 'flow' } })],
    ['no type at all', { text: { body: 'x' } }],
  ])('accepts %s', async (_what, fields) => {
    expect(await bench.send(fields)).toMatchObject({ status: 200 })
  })

  it.each<[string, number, object]>([
    ['another product', 100, { ...text('x'), messaging_product: 'sms' }],
    ['no product', 131008, { ...text('x'), messaging_product: undefined }],
    ['no recipient', 131008, { ...text('x'), to: undefined }],
    ['a recipient that is no phone', 131009, { ...text('x'), to: 'ana' }],
    ['itself as recipient', 131021, { ...text('x'), to: '+551140000000' }],
    ['callback data over 512', 100, { ...text('x'), biz_opaque_callback_data: 'x'.repeat(513) }],
    ['a TTL without template', 100, { ...text('x'), message_send_ttl_seconds: 60 }],
    ['an unknown type', 131051, { type: 'hologram', hologram: {} }],
    ['a missing content', 131008, { type: 'text' }],
    ['a missing body', 131008, { type: 'text', text: {} }],
    ['an empty text', 131009, text('')],
    ['a text over 4096', 131009, text('x'.repeat(4097))],
    ['a caption over 1024', 131009, { type: 'image', image: { link, caption: 'x'.repeat(1025) } }],
    ['media with id and link', 131009, { type: 'image', image: { id: '1', link } }],
    ['media with neither', 131009, { type: 'video', video: {} }],
    ['an unknown media id', 131009, { type: 'image', image: { id: '1' } }],
    ['a caption on audio', 131009, { type: 'audio', audio: { link, caption: 'c' } }],
    [
      'a latitude off the globe',
      131009,
      { type: 'location', location: { latitude: 91, longitude: 0 } },
    ],
    ['a contact with one name part', 131009, contact({ formatted_name: 'Ana' })],
    [
      'six contacts',
      131009,
      {
        type: 'contacts',
        contacts: Array(6).fill({ name: { formatted_name: 'Ana', first_name: 'Ana' } }),
      },
    ],
    ['four buttons', 131009, buttons(...['a', 'b', 'c', 'd'].map((id) => button(id, id)))],
    ['two buttons of one title', 131009, buttons(button('a', 'Sim'), button('b', 'Sim'))],
    ['a button title over 20', 131009, buttons(button('a', 'x'.repeat(21)))],
    [
      'eleven rows',
      131009,
      list([
        { title: 'A', rows: rows(6) },
        { title: 'B', rows: rows(5, 's') },
      ]),
    ],
    ['two sections without titles', 131009, list([{ rows: rows(1) }, { rows: rows(1, 's') }])],
    [
      'a quoted reaction',
      100,
      {
        type: 'reaction',
        reaction: { message_id: 'wamid.x', emoji: '👍' },
        context: { message_id: 'wamid.x' },
      },
    ],
  ])('refuses %s with code %i', async (_what, code, fields) => {
    const answer = await bench.send(fields)
    expect([answer.status, errorIn(answer).code]).toEqual([400, code])
    expect(errorIn(answer).error_data.details).toBeTruthy()
  })

  it('refuses what is not a JSON object', async () => {
    expect(errorIn(await bench.send({}, { body: '{"to"' })).code).toBe(100)
    expect(errorIn(await bench.send({}, { body: '[]' })).code).toBe(100)
  })

  it.each([
    ['+55 (31) 98765-4321', '553187654321'],
    ['+553187654321', '553187654321'],
    ['+551187654321', '5511987654321'],
    ['11 98765-4321', '5511987654321'],
    ['+551133334444', '551133334444'],
    ['+351912345678', '351912345678'],
  ])('resolves %s to wa_id %s', async (to, waId) => {
    expect(acceptedIn(await bench.send({ ...text('x'), to })).contacts).toEqual([
      { input: to, wa_id: waId },
    ])
  })

  it('answers a send by user id without a phone', async () => {
    const fields = { ...text('x'), to: undefined, recipient: 'BR.13491208655302741918' }
    expect(acceptedIn(await bench.send(fields)).contacts).toEqual([
      { input: 'BR.13491208655302741918', user_id: 'BR.13491208655302741918' },
    ])
  })

  it('gives the same ids again for the same seed, and other ids for another', async () => {
    const ids = await Promise.all(
      [1, 1, 2].map(async (seed) => {
        const run = await startBench(undefined, { seed })
        const id = wamidOf(await run.send(text('x')))
        await run.close()
        return id
      }),
    )
    expect(ids[0]).toBe(ids[1])
    expect(ids[0]).not.toBe(ids[2])
  })
})

describe('read receipts', () => {
  it('takes one for an inbound message, with typing, and refuses any other id', async () => {
    const { messageId } = bench.inbound({
      from: '+5511987654321',
      content: { type: 'text', text: 'Oi' },
    })
    const receipt = { to: undefined, status: 'read', typing_indicator: { type: 'text' } }
    const answer = await bench.send({ ...receipt, message_id: messageId })
    expect(answer).toEqual({ status: 200, json: { success: true } })
    expect(errorIn(await bench.send({ ...receipt, message_id: 'wamid.none' })).code).toBe(131009)
  })
})

describe('templates', () => {
  const template = (name: string, components?: object[], code = 'pt_BR') => ({
    type: 'template',
    template: { name, language: { code }, ...(components ? { components } : {}) },
  })
  const body = (...parameters: object[]) => ({ type: 'body', parameters })
  const value = (given: string) => ({ type: 'text', text: given })
  const named = (parameter_name: string, given: string) => ({ ...value(given), parameter_name })
  const urlButton = (given: string) => ({
    type: 'button',
    sub_type: 'url',
    index: '0',
    parameters: [value(given)],
  })
  const ana = [named('nome', 'Ana'), named('valor', 'R$ 10,00')] as const

  beforeAll(async () => {
    const components = [{ type: 'BODY', text: 'x' }]
    await bench.steer('PUT', 'templates', [
      { name: 'pausado', status: 'PAUSED', components },
      { name: 'desligado', status: 'DISABLED', components },
      { name: 'em_analise', status: 'PENDING', components },
      { name: 'codigo', category: 'AUTHENTICATION', components },
      { name: 'com_foto', components: [{ type: 'HEADER', format: 'IMAGE' }, ...components] },
      { name: 'so_em_ingles', language: 'en_US', components },
    ])
  })

  it.each<[string, object]>([
    ['no variables', template('aviso_geral')],
    ['positional ones', template('pagamento_confirmado', [body(value('Ana'), value('R$ 10'))])],
    [
      'named ones in any order',
      template('parcela_a_vencer', [body(named('vencimento', '10/12'), ...ana)]),
    ],
    [
      'a URL button',
      template('segunda_via', [body(value('Ana'), value('R$ 1')), urlButton('abc')]),
    ],
    [
      'a media header',
      template('com_foto', [{ type: 'header', parameters: [{ type: 'image', image: { link } }] }]),
    ],
  ])('accepts a send with %s', async (_what, fields) => {
    const answer = await bench.send(fields)
    expect(acceptedIn(answer).messages).toMatchObject([{ message_status: 'accepted' }])
  })

  it.each<[string, number, object]>([
    ['an unknown name', 132001, template('nada')],
    ['another language', 132001, template('aviso_geral', undefined, 'en_US')],
    ['one that is not approved', 132001, template('em_analise')],
    ['a paused one', 132015, template('pausado')],
    ['a disabled one', 132016, template('desligado')],
    ['too few variables', 132000, template('pagamento_confirmado', [body(value('Ana'))])],
    ['variables nobody asked for', 132000, template('aviso_geral', [body(value('x'))])],
    ['a missing button value', 132000, template('segunda_via', [body(value('a'), value('b'))])],
    ['a wrong name', 132012, template('parcela_a_vencer', [body(...ana, named('data', 'x'))])],
    [
      'names in a positional one',
      132012,
      template('pagamento_confirmado', [body(named('a', 'x'), named('b', 'y'))]),
    ],
    [
      'another format',
      132012,
      template('com_foto', [{ type: 'header', parameters: [value('x')] }]),
    ],
    [
      'a line break',
      132018,
      template('pagamento_confirmado', [body(value('Ana\nLima'), value('x'))]),
    ],
    [
      'too long a text',
      132005,
      template('pagamento_confirmado', [body(value('x'.repeat(1020)), value('x'))]),
    ],
    ['a TTL out of range', 100, { ...template('aviso_geral'), message_send_ttl_seconds: 5 }],
    [
      'an authentication one by user id',
      131062,
      { ...template('codigo'), to: undefined, recipient: 'BR.1' },
    ],
  ])('refuses %s with code %i', async (_what, code, fields) => {
    const answer = await bench.send(fields)
    expect([answer.status, errorIn(answer).code]).toEqual([code === 132001 ? 404 : 400, code])
  })

  it('lists the templates of an account, page by page, to the bearer of its token', async () => {
    const list = `${number.wabaId}/message_templates`
    const first = await bench.graph('GET', `${list}?status=APPROVED&language=pt_BR&limit=2`)
    expect(first.json.data).toMatchObject([
      { name: 'parcela_a_vencer', category: 'UTILITY', parameter_format: 'NAMED' },
      { name: 'parcela_vencida', language: 'pt_BR', status: 'APPROVED' },
    ])
    const { after } = (first.json.paging as { cursors: { after: string } }).cursors
    const second = await bench.graph('GET', `${list}?limit=1&after=${after}`)
    expect(second.json.data).toMatchObject([{ name: 'pagamento_confirmado' }])
    const foreign = await bench.graph('GET', `${otherNumber.wabaId}/message_templates`)
    expect(foreign.status).toBe(400)
    expect(errorIn(await bench.graph('GET', `${list}?after=x`)).code).toBe(131059)
  })
})

describe('media', () => {
  const upload = (mimeType: string, bytes: Uint8Array<ArrayBuffer> | string) => {
    const form = new FormData()
    form.set('messaging_product', 'whatsapp')
    form.set('file', new Blob([bytes], { type: mimeType }), 'arquivo')
    return bench.graph('POST', `${number.phoneNumberId}/media`, { body: form })
  }

  it('uploads, resolves, downloads, sends and deletes a file', async () => {
    const { json } = await upload('image/png', 'bytes de um png')
    const resolved = await bench.graph('GET', String(json.id))
    const sha256 = createHash('sha256').update('bytes de um png').digest('hex')
    expect(resolved.json).toMatchObject({ mime_type: 'image/png', file_size: 15, sha256 })
    const url = String(resolved.json.url)
    const file = await fetch(url, { headers: bench.authorization })
    expect(await file.text()).toBe('bytes de um png')
    expect((await fetch(url)).status).toBe(401)
    expect((await bench.send({ type: 'image', image: { id: json.id } })).status).toBe(200)
    expect(errorIn(await bench.send({ type: 'video', video: { id: json.id } })).code).toBe(131053)
    expect((await bench.graph('DELETE', String(json.id))).json).toEqual({ success: true })
    expect((await bench.graph('GET', String(json.id))).status).toBe(400)
    expect((await fetch(url, { headers: bench.authorization })).status).toBe(404)
  })

  it('lets a download address expire', async () => {
    const { json } = await upload('text/plain', 'oi')
    await bench.steer('PUT', 'settings', { mediaUrlSeconds: 0 })
    const resolved = await bench.graph('GET', String(json.id))
    await bench.steer('PUT', 'settings', { mediaUrlSeconds: 300 })
    const late = await fetch(String(resolved.json.url), { headers: bench.authorization })
    expect(late.status).toBe(404)
  })

  it("keeps a file from another number's token", async () => {
    const { json } = await upload('text/plain', 'oi')
    const headers = { authorization: `Bearer ${otherNumber.accessToken}` }
    expect((await bench.graph('GET', String(json.id), { headers })).status).toBe(400)
  })

  it('refuses types nobody takes, files too large and bodies that are no form', async () => {
    expect(errorIn(await upload('application/x-sh', 'x')).code).toBe(100)
    expect(errorIn(await upload('image/webp', new Uint8Array(500 * 1024 + 1))).code).toBe(131053)
    const noForm = await bench.graph('POST', `${number.phoneNumberId}/media`, { body: '{}' })
    expect(errorIn(noForm).code).toBe(100)
  })
})
