import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { defaultPolicy } from '#shared/domain/dunning/policy.ts'
import { localTime } from '#shared/domain/dunning/zoned-time.ts'
import { type Side, sideOf } from '#test/support/api-side.ts'
import { type Flow, startFlow } from '#test/support/stack.ts'

const always = { from: '00:00', to: '24:00' }
/** Open at any hour of any day, so that the test may run on any. */
const openPolicy = {
  ...defaultPolicy,
  enabled: true,
  businessDaysOnly: false,
  sendWindow: { weekday: always, saturday: always, sunday: always },
  steps: defaultPolicy.steps.filter(({ name }) => name === 'due-today'),
}

/** Through the deployed functions: a schedule plans, a queue wakes, a message comes to be. */
describe('the ladder', () => {
  let flow: Flow
  let side: Side
  const today = localTime(Date.now(), 'America/Sao_Paulo').day

  beforeAll(async () => {
    flow = await startFlow()
    side = sideOf(flow, flow.stack.ready.token)
  })
  afterAll(() => flow.stop())

  const putPolicy = async (policy: unknown) => {
    const { headers } = await side.ask('GET /dunning-policy')
    return side.ask('PUT /dunning-policy', {
      body: policy,
      headers: { 'if-match': headers.get('etag') ?? '' },
    })
  }
  const stepsOf = async (installmentId: string) => {
    const { json } = await side.ask(`GET /installments/${installmentId}/steps`)
    return json?.items as readonly Record<string, unknown>[]
  }

  it('writes about what is due today, once, and shows why', async () => {
    const installmentId = await side.installment(today)
    // They are listed once the stack has asked for them.
    await vi.waitFor(
      async () =>
        expect(
          (await side.ask('GET /provider-templates?name=aviso_geral')).json?.items,
        ).toHaveLength(1),
      { timeout: 30_000, interval: 100 },
    )
    await flow.rows(
      `insert into templates (tenant_id, name, channel, language, version, source, variables,
         provider_name, provider_language, shape)
       select tenant_id, 'due-today', 'WHATSAPP', 'pt-BR', 1, '{}', '[]', name, language, shape
       from provider_templates
       where name = 'aviso_geral'
         and tenant_id = (select tenant_id from installments where installment_id = $1) limit 1`,
      [installmentId],
    )
    const stored = await putPolicy(openPolicy)
    expect([stored.status, stored.json?.version]).toEqual([200, 1])
    const dry = await side.ask('POST /dunning-runs/dry', { body: { day: today } })
    expect(dry.status).toBe(200)

    await flow.stack.pool.invoke('plan-dunning', {})
    await vi.waitFor(
      async () =>
        expect(await stepsOf(installmentId)).toEqual([
          expect.objectContaining({ step: 'due-today', messageId: expect.any(String) }),
        ]),
      { timeout: 30_000, interval: 100 },
    )
    await flow.stack.pool.invoke('plan-dunning', {})
    const messages = await flow.rows(
      `select decision ->> 'step' as step, decision ->> 'channel' as channel,
         decision -> 'policyVersion' as version
       from chat_messages where installment_id = $1`,
      [installmentId],
    )
    expect(messages).toEqual([{ step: 'due-today', channel: 'WHATSAPP', version: 1 }])
  })

  it('refuses a policy that another one has overtaken, and one that makes no sense', async () => {
    const stale = { 'if-match': '"0.aaaaaaaaaaaaaaaa"' }
    const { status, json } = await side.ask('PUT /dunning-policy', {
      body: { ...openPolicy, toleranceDays: 3 },
      headers: stale,
    })
    expect([status, json?.code]).toEqual([412, 'version-mismatch'])
    const bad = [
      { ...openPolicy, steps: [] },
      { ...openPolicy, steps: [...openPolicy.steps, ...openPolicy.steps] },
      { ...openPolicy, closedDays: ['2026-02-30'] },
      { ...openPolicy, sendWindow: { ...openPolicy.sendWindow, weekday: null } },
      { ...openPolicy, sendWindow: { ...openPolicy.sendWindow, weekday: { from: '9', to: '18' } } },
      { ...openPolicy, stateWindows: { XX: openPolicy.sendWindow } },
      { ...openPolicy, maxPerPersonPerDay: 0 },
    ]
    for (const body of bad) expect((await putPolicy(body)).json?.code).toBe('invalid-body')
  })
})
