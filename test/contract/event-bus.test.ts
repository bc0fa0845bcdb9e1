import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeEventBridgeBus } from '#shared/adapters/events/event-bridge-bus.ts'
import type { EventEnvelope } from '#shared/domain/tenant-event.ts'
import { startEventBus } from '#test/support/event-bus.ts'

const envelopes = (count: number): readonly EventEnvelope[] =>
  Array.from({ length: count }, (_, index) => ({
    id: String(index + 1),
    type: 'message.sent',
    createdAt: '2026-11-25T12:00:00.000Z',
    data: { chatId: '7' },
  }))

/** The real client, over HTTP. */
describe('the bus', () => {
  let service: Awaited<ReturnType<typeof startEventBus>>
  let client: EventBridgeClient

  beforeEach(async () => {
    service = await startEventBus()
    client = new EventBridgeClient({
      endpoint: service.url,
      region: 'sa-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    })
  })
  afterEach(async () => {
    client.destroy()
    await service.close()
  })

  const publish = (count: number) =>
    makeEventBridgeBus(client, 'recado').publish('3', envelopes(count))

  it('is given events with their type, tenant and time', async () => {
    expect(await publish(10)).toEqual([])
    expect(service.calls()).toBe(1)
    const [first] = service.taken
    expect(first).toMatchObject({
      EventBusName: 'recado',
      Source: 'recado',
      DetailType: 'message.sent',
      Time: Date.parse('2026-11-25T12:00:00Z') / 1000,
    })
    expect(JSON.parse(String(first?.Detail))).toEqual({ tenantId: '3', ...envelopes(1)[0] })
  })

  it('is given again what it did not take, and only that', async () => {
    service.refuse((index, call) => call === 1 && index % 2 === 1)
    expect(await publish(5)).toEqual([])
    expect(service.calls()).toBe(2)
    const ids = service.taken.map(({ Detail }) => JSON.parse(Detail).id)
    expect(ids.toSorted()).toEqual(['1', '2', '3', '4', '5'])
  })

  it('is given up after three tries, with what is left', async () => {
    service.refuse((index) => index === 0)
    expect(await publish(3)).toEqual(['1'])
    expect(service.calls()).toBe(3)
  })

  it('that breaks throws', async () => {
    service.fail({ kind: 'internal' })
    await expect(publish(1)).rejects.toThrow()
    expect(service.taken).toEqual([])
  })
})
