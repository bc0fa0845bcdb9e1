import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeReadMessage } from '#shared/use-cases/read-message.ts'
import { type DeskWorld, openDeskWorld } from '#test/support/desk-world.ts'
import {
  accept,
  acceptedAs,
  apply,
  claimOne,
  endWait,
  fresh,
  freshPhone,
  inbound,
  messageOf,
  openChat,
  report,
  send,
  settle,
  thread,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

describe('one message, read with its history', () => {
  let world: DeskWorld
  let tenant: WorldTenant
  let phone: string
  let chatId: string

  beforeAll(async () => {
    world = await openDeskWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
    phone = freshPhone()
    chatId = (await openChat(world, tenant, { contacts: [whatsapp(phone)] })).chatId
  })

  const refused = { outcome: 'REJECTED', reason: 'ecosystem-limit', code: 131049 } as const
  async function received(): Promise<string> {
    await apply(world, inbound(tenant, { phone }))
    return (await thread(world, tenant, chatId)).at(-1)?.messageId ?? ''
  }
  const read = (messageId: string) => makeReadMessage(world.desk)(tenant, { chatId, messageId })
  const steps = async (messageId: string) =>
    (await read(messageId)).history.map(({ status, reason, attempt }) =>
      [status, reason, attempt].filter((part) => part !== undefined).join(' '),
    )

  it('is what the list shows, with its attempts', async () => {
    const message = await accept(world, tenant, { chatId })
    const { message: shown, attempts } = await read(message.messageId)
    expect(shown).toEqual(await messageOf(world, tenant, message))
    expect(attempts).toEqual([])
    await settle(world, await claimOne(world, message), refused)
    expect((await read(message.messageId)).attempts).toEqual([
      {
        number: 1,
        outcome: 'REJECTED',
        claimedAt: expect.stringMatching(/Z$/),
        resolvedAt: expect.stringMatching(/Z$/),
        reason: 'ecosystem-limit',
        reasonCode: 131049,
      },
    ])
  })

  it('tells its way: queued, sent, delivered, read', async () => {
    const { messageId, wamid } = await send(world, tenant, chatId)
    expect(await steps(messageId)).toEqual(['QUEUED', 'SENDING 1', 'SENT 1'])
    await apply(
      world,
      ...(['READ', 'SENT', 'DELIVERED'] as const).map((status) =>
        report(tenant, { wamid, status }),
      ),
    )
    expect(await steps(messageId)).toEqual([
      'QUEUED',
      'SENDING 1',
      'SENT 1',
      'DELIVERED 1',
      'READ 1',
    ])
    const times = (await read(messageId)).history.map(({ at }) => at)
    expect(times).toEqual(times.toSorted())
  })

  it('tells of tries that failed, of a failure reported later, of the end', async () => {
    const message = await accept(world, tenant, { chatId })
    const retry = { outcome: 'REJECTED', reason: 'throttled', retryInSeconds: 1 } as const
    await settle(world, await claimOne(world, message), retry)
    await world.pass(2)
    const claimed = await claimOne(world, message)
    const wamid = fresh('wamid')
    await settle(world, claimed, acceptedAs(wamid))
    const failure = { reason: 'ecosystem-limit', code: 131049, class: 'permanent' } as const
    await apply(world, report(tenant, { wamid, status: 'FAILED', failure }))
    expect(await steps(message.messageId)).toEqual([
      'QUEUED',
      'SENDING 1',
      'QUEUED throttled 1',
      'SENDING 2',
      'SENT 2',
      'FAILED ecosystem-limit 2',
    ])
  })

  it('tells of answers that were lost, and of what no attempt tells', async () => {
    const lost = await accept(world, tenant, { chatId })
    const [check] = await settle(world, await claimOne(world, lost), {
      outcome: 'UNKNOWN',
      reason: 'timeout',
    })
    expect(await steps(lost.messageId)).toEqual(['QUEUED', 'SENDING 1', 'UNKNOWN timeout 1'])
    await world.pass(901)
    if (check !== undefined) await endWait(world, check)
    expect((await steps(lost.messageId)).at(-1)).toBe('QUEUED abandoned')
    const cancelled = await accept(world, tenant, { chatId })
    await world.messages.cancel({ ...tenant, ...cancelled })
    expect(await steps(cancelled.messageId)).toEqual(['QUEUED', 'CANCELLED'])
    expect(await steps(await received())).toEqual(['RECEIVED'])
  })

  it('tells of the newest 50 attempts when there were more', async () => {
    const { messageId } = await accept(world, tenant, { chatId })
    await world.owner.query(
      `insert into send_attempts (tenant_id, attempt_id, message_id, task_id, channel, number,
         fence, outcome, resolved_at, reason)
       select t.tenant_id, gen_random_uuid(), t.message_id, t.task_id, t.channel, n, n,
         'REJECTED', now(), 'throttled'
       from tasks t cross join generate_series(1, 60) n where t.message_id = $1`,
      [messageId],
    )
    const { attempts } = await read(messageId)
    expect(attempts.map(({ number }) => number)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 11),
    )
  })

  it('a content of any size is read whole', async () => {
    const raw = 'x'.repeat(150_000)
    const content = { type: 'other', providerType: 'contacts', raw } as const
    await apply(world, inbound(tenant, { phone, content }))
    const messageId = (await thread(world, tenant, chatId))[0]?.messageId ?? ''
    expect((await read(messageId)).message.content).toEqual(content)
    await world.desk.delete({ ...tenant, chatId, messageId })
    expect((await read(messageId)).message.content).toBeUndefined()
  })

  it('only in its chat, by its tenant', async () => {
    const { messageId } = await accept(world, tenant, { chatId })
    const other = await openChat(world, tenant)
    const stranger = await world.addTenant()
    expect(await world.desk.get(stranger, { chatId, messageId })).toBeUndefined()
    expect(await world.desk.get(tenant, { chatId: other.chatId, messageId })).toBeUndefined()
    await expect(read('999999999')).rejects.toMatchObject({ code: 'message-not-found' })
  })
})
