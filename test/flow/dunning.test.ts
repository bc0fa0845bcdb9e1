import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { defaultTemplates } from '#shared/domain/billing/default-templates.ts'
import { defaultPolicy } from '#shared/domain/dunning/policy.ts'
import { localTime } from '#shared/domain/dunning/zoned-time.ts'
import { type Side, sideOf } from '#test/support/api-side.ts'
import { installmentEvent, movementEvent } from '#test/support/billing-world.ts'
import { type Flow, startFlow } from '#test/support/stack.ts'
import { fresh } from '#test/support/stores-world.ts'

const always = { from: '00:00', to: '24:00' }
/** From the BCB's manual of BR Codes. */
const pixCode =
  '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D'

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

  it('brings the bill by mail, file and PIX code with it, and why it went that way', async () => {
    const template = defaultTemplates('pix').find(({ step }) => step === 'due-today')
    const put = await side.ask('PUT /templates/due-today/EMAIL/pt-BR', {
      body: { source: template?.mail },
    })
    expect(put.status).toBe(201)
    const lint = await side.ask('POST /templates/due-today/EMAIL/pt-BR/lint', {
      body: { step: 'due-today' },
    })
    expect(lint.json).toEqual({ version: 1, findings: [] })
    const documentMediaId = await side.storedFile()
    const [movementId, installmentId] = [fresh('mov'), fresh('par')]
    const address = `${movementId}@cliente.com.br`
    const contacts = [{ channel: 'EMAIL', address }]
    const person = { externalId: movementId, name: 'Ana Lima', contacts }
    const installment = installmentEvent(installmentId, {
      ...{ movementId, dueOn: today, documentMediaId, pixCode },
    })
    await side.ask('POST /business-events', {
      body: { events: [movementEvent(movementId, { person }), installment] },
    })
    await vi.waitFor(
      async () =>
        expect((await side.ask(`GET /installments/${installmentId}`)).json).toMatchObject({
          waitingFor: null,
        }),
      { timeout: 30_000, interval: 100 },
    )
    await flow.stack.pool.invoke('plan-dunning', {})

    const mail = await vi.waitFor(
      async () => {
        const mails = (await (await fetch(`${flow.stack.ready.mail}/_mail/messages`)).json()) as {
          readonly to: unknown
          readonly text: string
          readonly html: string
          readonly attachments: readonly { readonly mimeType: string }[]
        }[]
        const found = mails.find(({ to }) => JSON.stringify(to).includes(address))
        expect(found).toBeDefined()
        return found
      },
      { timeout: 30_000, interval: 100 },
    )
    expect(mail?.text).toContain(pixCode)
    expect(mail?.html).toContain('<!doctype html>')
    expect(mail?.attachments).toEqual([expect.objectContaining({ mimeType: 'application/pdf' })])
    const { json } = await side.ask(`GET /installments/${installmentId}/messages`)
    expect(json?.items).toEqual([
      expect.objectContaining({
        channel: 'EMAIL',
        template: { name: 'due-today', language: 'pt-BR', version: 1 },
        decision: expect.objectContaining({
          step: 'due-today',
          refused: { WHATSAPP: 'contact-missing' },
        }),
      }),
    ])
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
