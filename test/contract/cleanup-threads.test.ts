import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeReadReceiptStore } from '#shared/adapters/database/read-receipt-store.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  accept,
  acceptedAs,
  allChats,
  apply,
  claimOne,
  fresh,
  freshPhone,
  inbound,
  settle,
  type WorldTenant,
} from '#test/support/stores-world.ts'

/** Of a message that is blank providers are told nothing: its id is a digest, which means nothing to them. */
describe('a blanked message', () => {
  let world: PostgresWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openPostgresWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const blank = async (messageId: string) => {
    const { rows } = await world.owner.query(
      'select blank_messages_v1($1, array[$2::bigint]) as n',
      [tenant.tenantId, messageId],
    )
    expect(rows).toEqual([{ n: 1 }])
  }

  /** Somebody writes; answers the chat and the message. */
  async function written(): Promise<{ readonly chatId: string; readonly messageId: string }> {
    await apply(world, inbound(tenant, { phone: freshPhone(), wamid: fresh('wamid') }))
    const [chat] = await allChats(world, tenant)
    if (chat === undefined) throw new Error('no chat was opened')
    const { rows } = await world.owner.query(
      'select message_id::text as id from chat_messages where tenant_id = $1 and chat_id = $2',
      [tenant.tenantId, chat.chatId],
    )
    return { chatId: chat.chatId, messageId: String(rows[0].id) }
  }

  it.each(['INBOUND', 'OUTBOUND'])('is answered without its id: %s', async (direction) => {
    const { chatId, messageId } = await written()
    let quoted = messageId
    if (direction === 'OUTBOUND') {
      const ours = await accept(world, tenant, { chatId })
      await settle(world, await claimOne(world, ours), acceptedAs(fresh('wamid')))
      quoted = ours.messageId
    }
    const quoting = () => accept(world, tenant, { chatId, replyToMessageId: quoted })
    const before = await claimOne(world, await quoting())
    expect(before.replyTo).toMatch(/^wamid/)
    await settle(world, before, acceptedAs(fresh('wamid')))
    await blank(quoted)
    expect((await claimOne(world, await quoting())).replyTo).toBeUndefined()
  })

  it('is in no thread of mails', async () => {
    const { chatId, messageId } = await written()
    const ours = await accept(world, tenant, { chatId })
    await settle(world, await claimOne(world, ours), acceptedAs(fresh('ses')))
    await world.owner.query(
      `update chat_messages set channel = 'EMAIL', mail_id = case direction when 'INBOUND'
         then '<a@example.com>' end where tenant_id = $1`,
      [tenant.tenantId],
    )
    const thread = async () => {
      const { rows } = await world.owner.query('select mail_thread_v1($1, $2) as thread', [
        tenant.tenantId,
        chatId,
      ])
      return rows[0].thread.ids
    }
    expect(await thread()).toHaveLength(2)
    await blank(messageId)
    expect(await thread()).toEqual([{ provider: expect.stringMatching(/^ses/) }])
    await blank(ours.messageId)
    expect(await thread()).toEqual([])
  })

  it('is marked as read with us alone', async () => {
    const receipts = makeReadReceiptStore(world.dataApi, world.waits)
    const { chatId, messageId } = await written()
    const { tenantId, clientId } = tenant
    const mark = async () => {
      const answer = await receipts.mark({ tenantId, clientId, chatId, typing: true })
      if (answer.outcome === 'refused') throw new Error(`refused: ${answer.code}`)
      return answer.wakes
    }
    const wakes = await mark()
    expect(wakes).toHaveLength(1)
    await blank(messageId)
    const jobs = wakes.map(({ taskId }) => ({ tenantId, taskId }))
    const claimToken = crypto.randomUUID()
    expect(await receipts.claim({ type: 'READ_RECEIPT', claimToken, jobs })).toEqual([])
    expect(await mark()).toEqual([])
  })
})
