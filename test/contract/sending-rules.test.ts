import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageProvider } from '#shared/ports/message-provider.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeSendMessages } from '#shared/use-cases/send-messages.ts'
import { withoutFiles } from '#test/support/media.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  accept,
  apply,
  fresh,
  inbound,
  messageOf,
  openChat,
  text,
  whatsapp,
} from '#test/support/stores-world.ts'
import { numbersSuite } from './suites/numbers.ts'
import { rulesSuite } from './suites/rules.ts'

const stores = 'stores in PostgreSQL'

rulesSuite(stores, openPostgresWorld)
numbersSuite(stores, openPostgresWorld)

describe('what the provider answers of a recipient', () => {
  let world: PostgresWorld
  beforeAll(async () => {
    world = await openPostgresWorld()
  })
  afterAll(() => world.close())

  const sendWith = (send: MessageProvider['send']) =>
    makeSendMessages({
      ...withoutFiles,
      messages: world.messages,
      queue: { wake: async () => ({ failed: 0 }) },
      provider: { send },
      clock: systemClock,
      randomness: systemRandomness,
      waits: world.waits,
      alerts: { raise: () => undefined },
    })

  it('another number is learned, the same one in another spelling is not', async () => {
    const tenant = await world.addTenant()
    const numbers = [
      ['+525512345678', '5215512345678'],
      ['+5511987654321', '551187654321'],
    ] as const
    for (const [phone, waId] of numbers) {
      const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      const message = await accept(world, tenant, { chatId })
      const answer = {
        outcome: 'accepted',
        providerMessageId: fresh('wamid'),
        held: false,
      } as const
      await sendWith(async () => ({ ...answer, waId }))([message])
      expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'SENT' })
    }
    const { rows } = await world.owner.query(
      `select count(*)::int as identities, count(*) filter (where has_variant)::int as variants
       from contact_identities where tenant_id = $1`,
      [tenant.tenantId],
    )
    expect(rows).toEqual([{ identities: 3, variants: 1 }])
    await apply(world, inbound(tenant, { phone: '+5215512345678' }))
    expect((await world.chats.list(tenant, { limit: 10, cursor: undefined })).items).toHaveLength(2)
  })

  it('not reachable: what follows in the chat waits, and goes after it in order', async () => {
    const tenant = await world.addTenant()
    const { chatId } = await openChat(world, tenant)
    const first = await accept(world, tenant, { chatId, content: text('1') })
    const second = await accept(world, tenant, { chatId, content: text('2') })
    const called: string[] = []
    const send = sendWith(async ({ content, recipient }) => {
      const long = 'phone' in recipient && recipient.phone.length === 14
      called.push(`${content.type === 'text' && content.text} ${long ? 'long' : 'short'}`)
      return long && content.type === 'text' && content.text === '1'
        ? { outcome: 'rejected', reason: 'recipient-unreachable', code: 131026 }
        : { outcome: 'accepted', providerMessageId: fresh('wamid'), held: false }
    })
    await send([first, second])
    await send([first, second])
    expect(called).toEqual(['1 long', '1 short', '2 long'])
    for (const message of [first, second]) {
      const shown = await messageOf(world, tenant, message)
      expect(shown).toMatchObject({ status: 'SENT', outOfOrder: false })
    }
  })
})
