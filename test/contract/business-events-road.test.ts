import { SQSClient } from '@aws-sdk/client-sqs'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeKmsDataKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { makeSqsChunkQueue } from '#shared/adapters/queue/sqs-chunk-queue.ts'
import { businessEventOf, postBusinessEventsBody } from '#shared/contracts/business-events.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeReceiveBusinessEvents } from '#shared/use-cases/receive-business-events.ts'
import {
  type BillingWorld,
  installmentEvent,
  movementEvent,
  openBillingWorld,
  storedInstallments,
  storedMovements,
} from '#test/support/billing-world.ts'
import { fresh, freshPhone, type WorldTenant, whatsapp } from '#test/support/stores-world.ts'

describe('the road of business events', () => {
  let world: BillingWorld
  let tenant: WorldTenant
  beforeAll(async () => {
    world = await openBillingWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  it('are taken by the API with one database call, and repeated when no queue takes them', async () => {
    const client = new SQSClient({
      endpoint: 'http://127.0.0.1:1',
      region: 'sa-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    })
    const put: string[] = []
    const toNowhere = makeSqsChunkQueue({
      ...{ client, queueUrl: 'http://127.0.0.1:1/1/BUSINESS_EVENT', randomness: systemRandomness },
      transit: makeTransitSealer(makeKmsDataKeys(world.kmsClient, world.kms.keyArn), systemClock),
      objects: { put: async () => undefined, get: async () => '' },
    })
    const kept = { put: async (chunks: readonly string[]) => void put.push(...chunks) }
    const { events } = postBusinessEventsBody.parse({ events: [installmentEvent('i30')] })
    const command = {
      ...tenant,
      request: { route: 'POST /business-events', key: fresh('key'), body: '{}' },
      events: events.map((told) => ({ event: businessEventOf(told), told })),
    }
    await world.directory.tenant(tenant.tenantId)
    const refused = makeReceiveBusinessEvents(world.business, toNowhere)(command)
    await expect(refused).rejects.toMatchObject({ code: 'events-not-taken' })
    world.endpoint.resetCalls()
    expect(await makeReceiveBusinessEvents(world.business, kept)(command)).toEqual([
      events[0]?.eventId,
    ])
    expect(world.endpoint.calls()).toHaveLength(1)
    expect(JSON.parse(put[0] ?? '')).toMatchObject([{ tenantId: tenant.tenantId }])
    const other = { ...command, request: { ...command.request, body: '{"other":1}' } }
    const mismatch = makeReceiveBusinessEvents(world.business, kept)(other)
    await expect(mismatch).rejects.toMatchObject({ code: 'idempotency-key-mismatch' })
    expect(put).toHaveLength(1)
    client.destroy()
  })

  it('ends the same in any order, any batches and any number of copies', async () => {
    const person = (phone: string) => ({ externalId: 'p', contacts: [whatsapp(phone)] })
    const phone = freshPhone()
    const story = () => [
      movementEvent('m', { person: person(phone) }),
      movementEvent('m', { version: 2, amountCents: 31_000, person: person(phone) }),
      installmentEvent('a', { movementId: 'm' }),
      installmentEvent('a', { movementId: 'm', type: 'installment.paid', version: 2 }),
      installmentEvent('a', {
        ...{ movementId: 'm', type: 'installment.updated', version: 3, balanceCents: 4_000 },
      }),
      installmentEvent('b', { movementId: 'm' }),
      installmentEvent('b', {
        ...{ movementId: 'm', type: 'installment.updated', version: 2, dueOn: '2027-03-01' },
      }),
      installmentEvent('b', { movementId: 'm', type: 'installment.cancelled', version: 3 }),
      installmentEvent('b', {
        ...{ movementId: 'm', type: 'installment.updated', version: 4, status: 'OPEN' },
      }),
      installmentEvent('c', { movementId: 'm', amountCents: 500 }),
      installmentEvent('c', { movementId: 'm', amountCents: 700 }),
      movementEvent('n', { type: 'movement.cancelled', version: 2 }),
      movementEvent('n', { version: 1 }),
    ]
    const events = story()
    const end = async (of: WorldTenant) => ({
      movements: await storedMovements(world, of),
      installments: await storedInstallments(world, of),
    })
    await world.tell(tenant, ...events)
    const expected = await end(tenant)
    expect(expected.installments).toMatchObject([
      { installment_id: 'a', status: 'PAID', balance_cents: 0, version: 3 },
      { installment_id: 'b', status: 'OPEN', balance_cents: 10_000, version: 4 },
      { installment_id: 'c', status: 'OPEN', version: 1 },
    ])
    const threeTimes = [...events, ...events, ...events]
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(threeTimes, { minLength: threeTimes.length }),
        fc.integer({ min: 1, max: threeTimes.length }),
        async (shuffled, size) => {
          const other = await world.addTenant()
          for (let from = 0; from < shuffled.length; from += size) {
            await world.tell(other, ...shuffled.slice(from, from + size))
          }
          expect(await end(other)).toEqual(expected)
          const { rows } = await world.owner.query(
            'select count(*)::int as events, sum(copies)::int as copies from business_events where tenant_id = $1',
            [other.tenantId],
          )
          expect(rows).toEqual([{ events: events.length, copies: 2 * events.length }])
        },
      ),
      { numRuns: 15 },
    )
  })
})
