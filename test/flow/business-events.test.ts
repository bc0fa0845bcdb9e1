import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { place, sqsClient } from '#infra/local/resources.ts'
import { installmentEvent, movementEvent, type ToldEvent } from '#test/support/billing-world.ts'
import { type Flow, startFlow, until } from '#test/support/stack.ts'
import { fresh, freshPhone } from '#test/support/stores-world.ts'

/** From the BCB's manual of BR Codes. */
const pixCode =
  '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D'

describe('business events', () => {
  let flow: Flow
  const source = 'erp.exemplo'
  beforeAll(async () => {
    flow = await startFlow()
    await flow.rows(
      `update tenants set event_source = $1 where tenant_id = (
         select min(tenant_id) from tenants where tenant_id > 0)`,
      [source],
    )
  })
  afterAll(() => flow.stop())

  const tell = (...events: readonly ToldEvent[]) =>
    flow.ask('POST /business-events', { body: { events } })
  const applied = (event: ToldEvent) =>
    until(
      () => flow.ask(`GET /business-events/${event.eventId}`),
      ({ status }) => status === 200,
    )

  it('are taken, applied and shown', async () => {
    const [movementId, installmentId] = [fresh('mov'), fresh('par')]
    const installment = installmentEvent(installmentId, { movementId, pixCode })
    const first = await tell(installment)
    expect(first.status).toBe(202)
    expect(first.json).toEqual({ accepted: 1, eventIds: [installment.eventId] })
    const { json } = await applied(installment)
    expect(json).toMatchObject({
      ...{ eventId: installment.eventId, type: 'installment.created', thingId: installmentId },
      ...{ outcome: 'applied', notice: null, copies: 0, conflicts: 0 },
    })
    const waiting = await flow.ask('GET /installments?waiting=true')
    expect(waiting.json?.items).toMatchObject([{ installmentId, waitingFor: 'movement' }])
    expect((await flow.ask(`GET /movements/${movementId}`)).status).toBe(404)

    const contacts = [{ channel: 'WHATSAPP', address: freshPhone() }]
    const person = { externalId: fresh('pagador'), name: 'Ana Lima', contacts }
    const movement = movementEvent(movementId, { person })
    await tell(movement, installment)
    await applied(movement)
    const shown = await flow.ask(`GET /installments/${installmentId}`)
    expect(shown.json).toMatchObject({
      ...{ installmentId, movementId, number: 1, total: 3, dueOn: '2026-12-10' },
      ...{ amountCents: 10_000, balanceCents: 10_000, status: 'OPEN', paidAt: null },
      ...{ pixCode, paymentLink: null, waitingFor: null },
    })
    expect((await flow.ask(`GET /movements/${movementId}`)).json).toMatchObject({
      ...{ movementId, status: 'OPEN', description: 'Mensalidade de novembro', currency: 'BRL' },
    })
    expect((await flow.ask(`GET /installments?movementId=${movementId}`)).json?.items).toHaveLength(
      1,
    )
    expect((await flow.ask(`GET /installments/${installmentId}/messages`)).json).toEqual({
      ...{ items: [], nextCursor: null },
    })
    const token = flow.stack.ready.otherTenantToken
    for (const path of [`/installments/${installmentId}`, `/movements/${movementId}`] as const) {
      expect((await flow.ask(`GET ${path}`, { token })).status).toBe(404)
    }
    expect((await flow.ask('GET /installments', { token })).json?.items).toEqual([])
  })

  it('come by the bus, too, in the envelope of EventBridge', async () => {
    const event = installmentEvent(fresh('par'))
    const { sqs } = flow.stack.parts.endpoints
    const client = sqsClient(sqs)
    await client.send(
      new SendMessageCommand({
        QueueUrl: `${sqs}/${place.accountId}/BUSINESS_BUS`,
        MessageBody: JSON.stringify({
          version: '0',
          id: crypto.randomUUID(),
          'detail-type': event.type,
          source,
          account: '111122223333',
          time: '2026-11-20T12:00:00Z',
          region: 'sa-east-1',
          resources: [],
          detail: event,
        }),
      }),
    )
    client.destroy()
    expect((await applied(event)).json).toMatchObject({ outcome: 'applied' })
  })
})
