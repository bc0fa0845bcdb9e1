import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Flow, startFlow, until } from '#test/support/stack.ts'

interface ShownTemplate {
  readonly name: string
  readonly status: string
  readonly category: string
  readonly acceptedCategory: string
  readonly blocked: { readonly reason: string; readonly text: string } | null
  readonly [key: string]: unknown
}

const builtIn = [
  'aviso_geral',
  'pagamento_confirmado',
  'parcela_a_vencer',
  'parcela_vencida',
  'segunda_via',
]

describe('provider templates', () => {
  let flow: Flow
  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow.stop())

  async function templates(query = '', token?: string): Promise<readonly ShownTemplate[]> {
    const { status, json } = await flow.ask(`GET /provider-templates${query}`, {
      ...(token !== undefined && { token }),
    })
    expect(status).toBe(200)
    return json?.items as ShownTemplate[]
  }
  const named = async (name: string) => (await templates(`?name=${name}`))[0]

  const asked = () => flow.ask('POST /provider-templates/sync')

  /** Syncs until the template is as wanted: a sync that already ran may have read too early. */
  async function synced(name: string, holds: (template: ShownTemplate) => boolean) {
    const { status } = await asked()
    expect(status).toBe(202)
    return until(
      () => named(name),
      (seen) => seen !== undefined && holds(seen),
    )
  }

  it('are there shortly after the start, for every tenant', async () => {
    const all = await until(templates, ({ length }) => length === builtIn.length)
    expect(all.map(({ name }) => name)).toEqual(builtIn)
    expect(all.map(({ blocked }) => blocked)).toEqual(builtIn.map(() => null))
    await until(
      () => templates('', flow.stack.ready.otherTenantToken),
      ({ length }) => length === builtIn.length,
    )
    const [first, second] = [await named('parcela_a_vencer'), await named('segunda_via')]
    expect(first).toMatchObject({
      wabaId: flow.stack.ready.wabaId,
      language: 'pt_BR',
      category: 'UTILITY',
      acceptedCategory: 'UTILITY',
      status: 'APPROVED',
      quality: 'UNKNOWN',
      parameterFormat: 'NAMED',
      variables: {
        header: null,
        body: { count: 3, names: ['nome', 'valor', 'vencimento'] },
        buttons: [],
        unsupported: [],
      },
    })
    expect(second).toMatchObject({
      parameterFormat: 'POSITIONAL',
      variables: { body: { count: 2, names: null }, buttons: [{ index: 0, type: 'url' }] },
    })
    expect(second?.components).toHaveLength(3)
    const rows = await flow.rows(
      `select 1 from senders where channel = 'WHATSAPP' and templates_synced_at is null`,
    )
    expect(rows).toEqual([])
  })

  it('that are paused are shown as blocked after a sync, and free once they are back', async () => {
    const put = (status: 'PAUSED' | 'APPROVED') =>
      flow.phones.putTemplates([
        { name: 'aviso_geral', status, components: [{ type: 'BODY', text: 'Olá' }] },
      ])
    put('PAUSED')
    const paused = await synced('aviso_geral', ({ status }) => status === 'PAUSED')
    expect(paused?.blocked).toEqual({
      reason: 'template-paused',
      text: expect.stringContaining('pausado'),
    })
    expect(await templates('?status=PAUSED')).toMatchObject([{ name: 'aviso_geral' }])
    put('APPROVED')
    const back = await synced('aviso_geral', ({ status }) => status === 'APPROVED')
    expect(back?.blocked).toBeNull()
  })

  it('that were recategorised stay blocked until somebody accepts it', async () => {
    flow.phones.putTemplates([
      {
        name: 'pagamento_confirmado',
        category: 'MARKETING',
        components: [{ type: 'BODY', text: 'Olá, {{1}}: {{2}}' }],
      },
    ])
    const moved = await synced('pagamento_confirmado', ({ category }) => category === 'MARKETING')
    expect(moved).toMatchObject({
      acceptedCategory: 'UTILITY',
      blocked: { reason: 'template-recategorised' },
    })
    const path = '/provider-templates/pagamento_confirmado/pt-BR/accept-category'
    const accepted = await flow.ask(`POST ${path}`)
    expect(accepted.status).toBe(200)
    expect(accepted.json?.items).toMatchObject([{ acceptedCategory: 'MARKETING', blocked: null }])
    expect((await named('pagamento_confirmado'))?.blocked).toBeNull()
    const [other] = await templates('?name=pagamento_confirmado', flow.stack.ready.otherTenantToken)
    expect(other?.acceptedCategory).toBe('UTILITY')
  })

  it('cannot be sent when nobody knows how, and are shown whole', async () => {
    const components = [
      { type: 'BODY', text: 'Olá' },
      { type: 'HEADER', format: 'LOCATION' },
    ]
    const buttons = { type: 'BUTTONS', buttons: [{ type: 'FLOW', text: 'Abrir' }] }
    flow.phones.putTemplates([{ name: 'com_fluxo', components: [...components, buttons] }])
    const odd = await synced('com_fluxo', () => true)
    expect(odd).toMatchObject({
      blocked: { reason: 'template-unsupported' },
      variables: { header: { format: 'LOCATION' }, unsupported: ['FLOW button'] },
      components: [...components, buttons],
    })
  })

  it('that nobody has are 404, of another tenant too', async () => {
    await flow.rows(
      `insert into provider_templates (tenant_id, waba_id, name, language, category,
         accepted_category, status)
       select tenant_id, waba_id, 'so_deles', 'pt_BR', 'MARKETING', 'UTILITY', 'APPROVED'
       from senders where waba_id <> $1`,
      [flow.stack.ready.wabaId],
    )
    for (const path of ['so_deles/pt_BR', 'aviso_geral/en_US', 'nada/pt_BR', 'a/%27', '%00/pt']) {
      const { status, json } = await flow.ask(`POST /provider-templates/${path}/accept-category`)
      expect([status, json?.code]).toEqual([404, 'template-not-found'])
    }
    expect(await named('so_deles')).toBeUndefined()
  })

  it.each([
    '?limit=0',
    '?limit=101',
    '?status=paused',
    '?language=x',
    '?name=',
    '?colour=red',
    '?cursor=abc',
  ])('GET %s is 422', async (query) => {
    const { status, json } = await flow.ask(`GET /provider-templates${query}`)
    expect(status).toBe(422)
    expect(json?.code).toMatch(/^invalid-(query|cursor)$/)
  })

  it('come page by page', async () => {
    const first = await flow.ask('GET /provider-templates?limit=4')
    expect(first.json?.items).toHaveLength(4)
    const cursor = encodeURIComponent(String(first.json?.nextCursor))
    const second = await flow.ask(`GET /provider-templates?limit=4&cursor=${cursor}`)
    expect(second.json).toMatchObject({ items: [{}, {}], nextCursor: null })
  })

  it('are not listed at Meta without end: 429 says when again', async () => {
    const answers = []
    for (let times = 0; times < 31; times += 1) {
      answers.push(await asked())
      await flow.rows(`update tasks set state = 'DONE' where type = 'TEMPLATE_SYNC'`)
    }
    const last = answers.at(-1)
    expect(last?.json).toMatchObject({ code: 'template-sync-limit', retryable: true })
    expect(last?.status).toBe(429)
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(3000)
  })
})
