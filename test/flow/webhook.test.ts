import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Answer,
  type Flow,
  metaBody,
  metaStatus,
  metaText,
  startFlow,
  until,
} from '#test/support/stack.ts'

describe('the webhook of WhatsApp', () => {
  let flow: Flow
  let issued = 0

  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow.stop())

  const freshId = () => {
    issued += 1
    return `wamid.webhook.${issued}`
  }
  const writer = () => `55119${65_000_000 + issued}`
  const body = (value: Record<string, unknown>, field?: string) =>
    metaBody(flow.stack.ready, value, field)
  const stored = (wamid: string) => () =>
    flow.rows('select message_id, chat_id from chat_messages where provider_message_id = $1', [
      wamid,
    ])
  /** What came before it on the queue has been applied too, or is under way. */
  async function isStored(wamid: string) {
    const [row] = await until(stored(wamid), (rows) => rows.length === 1)
    return row
  }
  const parkedReasons = async () =>
    (await flow.rows('select reason from parked_items order by parked_item_id')).map(
      ({ reason }) => reason,
    )

  describe('refuses a body', () => {
    const signatures: readonly (readonly [string, (right: string) => string | null])[] = [
      ['without signature', () => null],
      ['with an empty signature', () => ''],
      ['with the prefix alone', () => 'sha256='],
      ['with a wrong signature', (right) => right.replace(/.$/, (c) => (c === '0' ? '1' : '0'))],
      ['signed with sha1=', (right) => right.replace('sha256=', 'sha1=')],
      ['signed without prefix', (right) => right.replace('sha256=', '')],
      ['signed in upper case', (right) => `sha256=${right.slice(7).toUpperCase()}`],
      ['with an upper-case prefix', (right) => right.replace('sha256', 'SHA256')],
      ['with a truncated signature', (right) => right.slice(0, -1)],
      ['with a signature that is too long', (right) => `${right}0`],
      ['with two signatures', (right) => `${right},${right}`],
      ['with a trailing newline in base64', (right) => Buffer.from(right).toString('base64')],
    ]

    it.each(signatures)('%s: 401, nothing stored', async (_, bend) => {
      const wamid = freshId()
      const raw = body({ messages: [metaText(wamid, writer(), 'Oi')] })
      const before = await flow.countRows()
      expect((await flow.webhook(raw, bend(flow.sign(raw)))).status).toBe(401)
      const other = await flow.webhook(`${raw} `, flow.sign(raw))
      expect(other.status).toBe(401)
      const after = freshId()
      await flow.webhook(body({ messages: [metaText(after, '5511999990000', 'depois')] }))
      await isStored(after)
      expect(await stored(wamid)()).toEqual([])
      expect((await flow.countRows()).parked_items).toBe(before.parked_items)
    })

    it('over 4 MiB: 413', async () => {
      const raw = body({ messages: [metaText(freshId(), writer(), 'x'.repeat(4_200_000))] })
      expect((await flow.webhook(raw)).status).toBe(413)
    })
  })

  describe('verifies its address', () => {
    const verify = (query: Record<string, string>): Promise<Answer> =>
      flow.ask(`GET /webhooks/whatsapp?${new URLSearchParams(query)}`, { token: null })
    const right = () => ({
      'hub.mode': 'subscribe',
      'hub.challenge': '1158201444',
      'hub.verify_token': flow.stack.ready.verifyToken,
    })

    it('with the challenge as text', async () => {
      const answer = await verify(right())
      expect(answer).toMatchObject({ status: 200, text: '1158201444' })
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
    })

    it('and shows no markup', async () => {
      const answer = await verify({ ...right(), 'hub.challenge': '<script>1</script>' })
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
    })

    it.each([
      ['a wrong token', { 'hub.verify_token': 'wrong' }],
      ['an empty token', { 'hub.verify_token': '' }],
      ['another mode', { 'hub.mode': 'unsubscribe' }],
    ])('not with %s: 403', async (_, bent) => {
      expect(await verify({ ...right(), ...bent })).toMatchObject({ status: 403 })
    })

    it.each(['hub.mode', 'hub.challenge', 'hub.verify_token'])(
      'not without %s: 403',
      async (key) => {
        const kept = Object.entries(right()).filter(([name]) => name !== key)
        expect(await verify(Object.fromEntries(kept))).toMatchObject({ status: 403 })
      },
    )
  })

  describe('takes and keeps what it does not read', () => {
    const other = { phoneNumberId: '999', wabaId: '888' }
    const unread: readonly (readonly [string, string, () => string])[] = [
      ['an unknown field', 'unknown-field', () => body({ news: freshId() }, 'brand_new_field')],
      [
        'an unknown status',
        'unknown-status',
        () => body({ statuses: [metaStatus(freshId(), 'pondered')] }),
      ],
      [
        'a status without id',
        'malformed',
        () => body({ statuses: [{ status: 'sent', n: freshId() }] }),
      ],
      [
        'a message without time',
        'malformed',
        () => body({ messages: [{ id: freshId(), type: 'text' }] }),
      ],
      ['a change without lists', 'malformed', () => body({ n: freshId() })],
      ['an entry that is none', 'malformed', () => JSON.stringify({ entry: [freshId()] })],
      ['a body that is a number', 'malformed', () => '42'],
      ['a body that is null', 'malformed', () => 'null'],
      ['a body that is no JSON', 'malformed', () => `entry=${freshId()}`],
      ['a very deep body', 'malformed', () => `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
      [
        'a number that nobody registered',
        'sender-unknown',
        () => metaBody(other, { messages: [metaText(freshId(), writer(), 'Oi')] }),
      ],
      [
        "another account's number",
        'sender-unknown',
        () =>
          metaBody(
            { phoneNumberId: flow.stack.ready.phoneNumberId, wabaId: '888' },
            { messages: [metaText(freshId(), writer(), 'Oi')] },
          ),
      ],
    ]

    it.each(unread)('%s: 200, parked as %s', async (_, reason, make) => {
      const before = await parkedReasons()
      const raw = make()
      expect((await flow.webhook(raw)).status).toBe(200)
      const reasons = await until(parkedReasons, (now) => now.length > before.length)
      expect(reasons.slice(before.length)).toEqual([reason])
      // A copy is not kept twice.
      await flow.webhook(raw)
      const after = freshId()
      await flow.webhook(body({ messages: [metaText(after, '5511999990000', 'depois')] }))
      await isStored(after)
      expect(await parkedReasons()).toEqual(reasons)
    })

    it('a body without entries: 200, nothing to keep', async () => {
      expect((await flow.webhook('{"entry":[]}')).status).toBe(200)
    })

    it('a type it does not show is in the thread, whole', async () => {
      const wamid = freshId()
      const poll = { question: 'Quando?', options: ['hoje', 'amanhã'] }
      const message = { ...metaText(wamid, writer(), ''), type: 'poll', text: undefined, poll }
      await flow.webhook(body({ messages: [message] }))
      const row = await isStored(wamid)
      const [shown] = await flow.thread(String(row?.chat_id))
      expect(shown?.content).toMatchObject({ type: 'other', providerType: 'poll', raw: { poll } })
    })
  })

  it('news of the account are for operators, and parked they are not', async () => {
    const before = await parkedReasons()
    const raw = body({ errors: [{ code: 130429, n: freshId() }] })
    expect((await flow.webhook(raw)).status).toBe(200)
    const kept = () => flow.rows(`select kind, severity from account_events`)
    expect(await until(kept, (now) => now.length > 0)).toEqual([
      { kind: 'account-error', severity: 'warning' },
    ])
    expect(await parkedReasons()).toEqual(before)
  })

  it('a word against being written to is confirmed by a message that goes out', async () => {
    const wamid = freshId()
    await flow.webhook(body({ messages: [metaText(wamid, writer(), 'SAIR!')] }))
    const row = await isStored(wamid)
    const shown = await until(
      () => flow.thread(String(row?.chat_id)),
      (now) => now.some(({ direction, status }) => direction === 'OUTBOUND' && status !== 'QUEUED'),
    )
    expect(shown).toHaveLength(2)
    expect(await flow.rows('select category, source from opt_outs')).toEqual([
      { category: 'ALL', source: 'keyword' },
    ])
  })

  it('1,000 mixed updates, one broken: 999 are applied, 1 is parked with its reason', async () => {
    const phone = '5511966664444'
    const image = { id: 'media-1', mime_type: 'image/jpeg' }
    const kinds = [
      (id: string) => metaText(id, phone, 'Oi'),
      (id: string) => ({ ...metaText(id, phone, ''), type: 'image', image }),
      (id: string) => ({
        ...metaText(id, phone, ''),
        type: 'reaction',
        reaction: { message_id: 'x', emoji: '👍' },
      }),
      (id: string) => ({
        ...metaText(id, phone, ''),
        type: 'location',
        location: { latitude: 1, longitude: 2 },
      }),
    ]
    const messages = Array.from({ length: 500 }, (_, index) =>
      kinds[index % kinds.length]?.(freshId()),
    )
    const statuses = Array.from({ length: 400 }, () => metaStatus(freshId(), 'delivered'))
    const echoes = Array.from({ length: 99 }, () => ({
      ...metaText(freshId(), '551140000000', 'Bom dia'),
      to: phone,
    }))
    const broken = { ...metaText(freshId(), phone, 'Oi'), timestamp: 'ontem' }
    const reasons = await parkedReasons()
    const { phoneNumberId, wabaId } = flow.stack.ready
    const metadata = { phone_number_id: phoneNumberId }
    const change = (field: string, value: object) => ({ field, value: { metadata, ...value } })
    const mixed = {
      object: 'whatsapp_business_account',
      entry: [
        {
          id: wabaId,
          changes: [
            change('messages', { messages: [...messages, broken] }),
            change('messages', { statuses }),
            change('smb_message_echoes', { message_echoes: echoes }),
          ],
        },
      ],
    }
    expect((await flow.webhook(JSON.stringify(mixed))).status).toBe(200)
    const count = async (table: string, column: string, updates: readonly unknown[]) => {
      const ids = updates.map((update) => (update as { id: string }).id)
      const sql = `select count(*)::int from ${table} where ${column} = any ($1)`
      return (await flow.rows(sql, [ids]))[0]?.count
    }
    const applied = () =>
      Promise.all([
        count('chat_messages', 'provider_message_id', messages),
        count('message_status', 'provider_message_id', statuses),
        count('send_attempts', 'provider_message_id', echoes),
      ])
    await until(applied, (now) => now.join() === '500,400,99')
    await until(parkedReasons, (now) => now.length > reasons.length)
    expect((await parkedReasons()).slice(reasons.length)).toEqual(['malformed'])
  })

  it('two bad items among 1,000: 998 are applied, 2 are parked with their reason', async () => {
    const phone = '5511966660000'
    const messages = Array.from({ length: 998 }, () => metaText(freshId(), phone, 'Oi'))
    const future = { ...metaText(freshId(), phone, 'Oi'), timestamp: '999999999999' }
    const nobody = { ...metaText(freshId(), phone, 'Oi'), from: undefined }
    const mixed = [...messages.slice(0, 500), future, nobody, ...messages.slice(500)]
    const before = await flow.countRows()
    const reasons = await parkedReasons()
    expect((await flow.webhook(body({ messages: mixed }))).status).toBe(200)
    const all = await until(parkedReasons, (now) => now.length === reasons.length + 2)
    expect(all.slice(reasons.length).toSorted()).toEqual(['malformed', 'unknown-person'])
    await until(
      () => flow.countRows(),
      (now) => (now.chat_messages ?? 0) === (before.chat_messages ?? 0) + 998,
    )
  })

  it('3 MB in one body', async () => {
    const phone = '5511966661111'
    const messages = Array.from({ length: 750 }, () => metaText(freshId(), phone, 'ç'.repeat(1900)))
    const raw = body({ messages })
    expect(Buffer.byteLength(raw)).toBeGreaterThan(2_800_000)
    expect((await flow.webhook(raw)).status).toBe(200)
    await until(
      () =>
        flow.rows('select count(*)::int from chat_messages where provider_message_id = any ($1)', [
          messages.map(({ id }) => id),
        ]),
      ([row]) => row?.count === 750,
    )
  })

  it("verifies the bytes as they came: Meta's escapes, odd spaces, emoji", async () => {
    const ids = [freshId(), freshId(), freshId()]
    const texts = ['\\u00e7\\/\\ud83d\\ude00', 'ç/😀', '\\u00E7\\u002F😀']
    for (const [index, said] of texts.entries()) {
      const written = body({ messages: [metaText(ids[index] ?? '', '5511966662222', 'TEXT')] })
      const raw = written.replace('TEXT', said).replace('{"object"', '{ "object" ')
      expect((await flow.webhook(raw)).status).toBe(200)
    }
    const rows = await Promise.all(ids.map(isStored))
    const thread = await flow.thread(String(rows[0]?.chat_id))
    expect(thread.map(({ content }) => content?.text)).toEqual(['ç/😀', 'ç/😀', 'ç/😀'])
  })

  it('one content that is larger than a row does not close the thread', async () => {
    const wamid = freshId()
    const phone = '5511966663333'
    const contacts = Array.from({ length: 1500 }, (_, index) => ({
      name: { formatted_name: `Pessoa número ${index}` },
      phones: [{ phone: `+55 11 90000-${index}`, type: 'CELL' }],
    }))
    const message = { ...metaText(wamid, phone, ''), type: 'contacts', text: undefined, contacts }
    await flow.webhook(body({ messages: [message] }))
    const row = await isStored(wamid)
    const [shown] = await flow.thread(String(row?.chat_id))
    expect(shown?.content).toMatchObject({
      type: 'contacts',
      contacts: contacts.map(({ name }) => ({ name: { formattedName: name.formatted_name } })),
    })
  })
})
