import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeTemplateSource } from '#shared/adapters/whatsapp/template-list.ts'
import { graph, type Reply } from '#test/support/hostile-graph.ts'
import { type Bench, number, otherNumber, startBench } from '#test/support/whatsapp-bench.ts'

const account = { wabaId: number.wabaId, secretName: 'escola' }
const error = (code: number, more: object = {}) => ({
  error: { code, type: 'OAuthException', message: 'segredo', ...more },
})

function sourceAt(graphUrl: string, token: (fresh: boolean) => string = () => number.accessToken) {
  return makeTemplateSource({
    graphUrl,
    version: 'v26.0',
    timeoutMs: 5000,
    token: async (_, options) => token(options?.fresh === true),
  })
}

const entry = (name: string, more: object = {}) => ({
  id: '1',
  name,
  language: 'pt_BR',
  category: 'UTILITY',
  status: 'APPROVED',
  parameter_format: 'POSITIONAL',
  components: [{ type: 'BODY', text: 'Olá' }],
  ...more,
})
const page = (names: readonly string[], paging?: object): Reply => ({
  status: 200,
  body: { data: names.map((name) => entry(name)), ...(paging && { paging }) },
})

async function namesAt(url: string) {
  const listing = await sourceAt(url).list(account)
  if (listing.outcome !== 'listed') throw new Error(listing.outcome)
  return { names: listing.templates.map(({ name }) => name), isWhole: listing.isWhole }
}

describe('the list of templates, against the simulator', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await startBench(undefined)
  })
  afterAll(() => bench.close())

  it('has the five that are built in, with their shapes', async () => {
    const listing = await sourceAt(bench.url).list(account)
    expect(listing).toMatchObject({ outcome: 'listed', isWhole: true })
    if (listing.outcome !== 'listed') return
    const shapes = listing.templates.map(({ name, shape }) => [name, shape])
    expect(Object.fromEntries(shapes)).toEqual({
      parcela_a_vencer: { body: ['nome', 'valor', 'vencimento'] },
      parcela_vencida: { body: ['nome', 'valor', 'vencimento'] },
      pagamento_confirmado: { body: 2 },
      segunda_via: { body: 2, buttons: [{ index: 0, type: 'url' }] },
      aviso_geral: {},
    })
  })

  it('is read over many pages', async () => {
    const many = Array.from({ length: 230 }, (_, at) => ({
      name: `extra_${at}`,
      components: [{ type: 'BODY', text: 'x' }],
    }))
    bench.putTemplates(many)
    const { names, isWhole } = await namesAt(bench.url)
    expect(names).toHaveLength(235)
    expect(isWhole).toBe(true)
  })

  it('stops at 70 pages of 100, says so, and asks no more often', async () => {
    const many = Array.from({ length: 10_000 }, (_, at) => ({
      name: `mil_${at}`,
      components: [{ type: 'BODY', text: 'x' }],
    }))
    bench.putTemplates(many)
    const { names, isWhole } = await namesAt(bench.url)
    expect(names).toHaveLength(7000)
    expect(isWhole).toBe(false)
  })

  it('is refused to a stranger, and for an account of somebody else', async () => {
    const stranger = await sourceAt(bench.url, () => 'stranger').list(account)
    expect(stranger).toEqual({ outcome: 'refused', reason: 'sender-token', code: 190 })
    const foreign = { ...account, wabaId: otherNumber.wabaId }
    expect(await sourceAt(bench.url).list(foreign)).toMatchObject({ outcome: 'refused', code: 100 })
  })

  it('is asked for again with a fresh token when the kept one is refused', async () => {
    const renewed = sourceAt(bench.url, (fresh) => (fresh ? number.accessToken : 'revoked'))
    expect(await renewed.list(account)).toMatchObject({ outcome: 'listed' })
  })
})

describe('the list of templates, against a server that does as it likes', () => {
  let seen: Awaited<ReturnType<typeof graph>>['seen']
  beforeEach(() => {
    seen = []
  })
  async function hostile(...replies: [Reply, ...Reply[]]): Promise<string> {
    const server = await graph(...replies)
    seen = server.seen
    return server.url
  }

  it('asks for what it needs, and makes the next address of the cursor alone', async () => {
    const next = 'http://169.254.169.254/latest/meta-data?after=EVIL'
    const url = await hostile(page(['a'], { cursors: { after: 'C&1' }, next }), page(['b']))
    expect(await namesAt(url)).toEqual({ names: ['a', 'b'], isWhole: true })
    const addresses = seen.map((call) => new URL(call.url ?? '', 'http://graph'))
    expect(addresses.map(({ pathname }) => pathname)).toEqual(
      addresses.map(() => `/v26.0/${number.wabaId}/message_templates`),
    )
    expect(addresses.map(({ searchParams }) => searchParams.get('after'))).toEqual([null, 'C&1'])
    expect(addresses[0]?.searchParams.get('limit')).toBe('100')
    expect(addresses[0]?.searchParams.get('fields')).toContain('parameter_format')
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${number.accessToken}`)
  })

  it.each<[string, object, number]>([
    ['a next page without a cursor', { next: 'x' }, 1],
    ['a cursor that comes again', { cursors: { after: 'A' }, next: 'x' }, 2],
    ['paging that is no paging', ['x'], 1],
  ])('%s ends a list that is not whole', async (_, paging, calls) => {
    const url = await hostile(page(['a'], paging))
    expect(await namesAt(url)).toMatchObject({ isWhole: false })
    expect(seen).toHaveLength(calls)
  })

  it('goes on over empty pages', async () => {
    const more = { cursors: { after: 'A' }, next: 'x' }
    expect(await namesAt(await hostile(page([], more), page(['a'])))).toEqual({
      names: ['a'],
      isWhole: true,
    })
  })

  const unavailable = (reason: string) => ({ outcome: 'unavailable', reason })
  it.each<[string, Reply, object]>([
    ['HTML', { status: 200, body: '<html>' }, unavailable('provider-error')],
    ['no list', { status: 200, body: { templates: [] } }, unavailable('provider-error')],
    ['nothing', { status: 200, body: '' }, unavailable('provider-error')],
    ['a gateway', { status: 502, body: 'bad gateway' }, unavailable('provider-error')],
    ['503 with a code', { status: 503, body: error(2) }, unavailable('provider-unavailable')],
    [
      'a redirect',
      { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
      unavailable('provider-unavailable'),
    ],
    ['a stale cursor', { status: 400, body: error(131059) }, unavailable('invalid-request')],
    ['a limit', { status: 400, body: error(80007) }, { outcome: 'throttled' }],
    [
      '429 without a code',
      { status: 429, body: '', headers: { 'retry-after': '7' } },
      { outcome: 'throttled', retryAfterSeconds: 7 },
    ],
    [
      'a permission',
      { status: 403, body: error(200) },
      { outcome: 'refused', reason: 'sender-permission', code: 200 },
    ],
    ['an error with 200', { status: 200, body: error(100) }, { outcome: 'refused', code: 100 }],
    [
      'a page of 9 MiB',
      { status: 200, body: 'x'.repeat(9 * 1024 * 1024) },
      unavailable('provider-unavailable'),
    ],
  ])('%s', async (_, reply, answer) => {
    expect(await sourceAt(await hostile(reply)).list(account)).toMatchObject(answer)
    expect(seen).toHaveLength(1)
  })

  it('nobody there, and no token', async () => {
    const nobody = sourceAt('http://127.0.0.1:9')
    expect(await nobody.list(account)).toEqual(unavailable('provider-unavailable'))
    const tokenless = sourceAt('http://127.0.0.1:9', () => {
      throw new Error('no secret')
    })
    expect(await tokenless.list(account)).toEqual({ outcome: 'refused', reason: 'sender-token' })
  })

  it('keeps what it does not know, and marks it as nothing that can be sent', async () => {
    const carousel = { type: 'CAROUSEL', cards: [{ components: [] }] }
    const odd = entry('odd', {
      parameter_format: 'NAMED',
      category: 'service',
      status: 'limbo',
      language: 'en-US',
      quality_score: { score: 'yellow', date: 1 },
      rejected_reason: 'NONE',
      components: [carousel, { type: 'BODY', text: 'a\u0000{{x}}' }, 'text', null],
    })
    const large = entry('large', {
      components: [{ type: 'BODY', text: 'x'.repeat(40_000) }],
      rejected_reason: 'SCAM',
      quality_score: 'GREEN',
      parameter_format: undefined,
    })
    const url = await hostile({ status: 200, body: { data: [odd, large] } })
    expect(await sourceAt(url).list(account)).toEqual({
      outcome: 'listed',
      isWhole: true,
      templates: [
        {
          name: 'odd',
          language: 'en_US',
          providerTemplateId: '1',
          category: 'SERVICE',
          status: 'LIMBO',
          parameterFormat: 'NAMED',
          components: [carousel, { type: 'BODY', text: 'a{{x}}' }, 'text', null],
          shape: { body: ['x'], unsupported: ['CAROUSEL', 'UNKNOWN'] },
          quality: 'YELLOW',
          reason: undefined,
        },
        {
          name: 'large',
          language: 'pt_BR',
          providerTemplateId: '1',
          category: 'UTILITY',
          status: 'APPROVED',
          parameterFormat: 'POSITIONAL',
          components: [],
          shape: { unsupported: ['components over 32 KB'] },
          quality: undefined,
          reason: 'SCAM',
        },
      ],
    })
  })

  it.each<[string, unknown]>([
    ['no name', { ...entry('a'), name: undefined }],
    ['a name of a megabyte', entry('a'.repeat(1_000_000))],
    ['a language that is none', entry('a', { language: "pt'; drop" })],
    ['another parameter format', entry('a', { parameter_format: 'MIXED' })],
    ['components that are a text', entry('a', { components: 'x' })],
    ['null', null],
    ['a list', []],
  ])('an entry with %s is left out, and the list is not whole', async (_, odd) => {
    const url = await hostile({ status: 200, body: { data: [odd, entry('good')] } })
    expect(await namesAt(url)).toEqual({ names: ['good'], isWhole: false })
  })
})
