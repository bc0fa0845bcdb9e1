import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instantOf, minutesOf } from '#shared/domain/dunning/zoned-time.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import { fresh, freshPhone, type WorldTenant } from '#test/support/stores-world.ts'

const zones = ['America/Sao_Paulo', 'America/Manaus', 'America/Rio_Branco', 'America/Noronha']
/** With the hours that summer time skipped and showed twice. */
const moments = [
  '2026-12-01T09:00:00',
  '2018-11-03T23:59:00',
  '2018-11-04T00:30:00',
  '2018-11-04T01:00:00',
  '2019-02-16T22:59:00',
  '2019-02-16T23:30:00',
  '2019-02-17T00:00:00',
  '2008-06-24T00:30:00',
  '2013-11-09T23:30:00',
  '2030-01-01T00:00:00',
]

describe('a time to send at without a zone', () => {
  let world: PostgresWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openPostgresWorld()
    tenant = await world.addTenant()
  })
  afterAll(() => world.close())

  async function openChat(timeZone: string | null): Promise<string> {
    const opened = await world.chats.open({
      tenantId: tenant.tenantId,
      clientId: tenant.clientId,
      request: { route: 'POST /chats', key: fresh('key'), body: '' },
      externalId: fresh('person'),
      name: undefined,
      contacts: [{ channel: 'WHATSAPP', address: freshPhone() }],
    })
    if (opened.outcome === 'refused') throw new Error(opened.code)
    await world.owner.query(
      `update persons set time_zone = $3 where (tenant_id, person_id) in (
         select tenant_id, person_id from chats where tenant_id = $1 and chat_id = $2)`,
      [tenant.tenantId, opened.chat.chatId, timeZone],
    )
    return opened.chat.chatId
  }

  const told = async (chatId: string, text: string) => {
    const { rows } = await world.owner.query('select send_time_v1($1, $2, $3) as at', [
      tenant.tenantId,
      chatId,
      text,
    ])
    return (rows[0].at as Date).toISOString()
  }

  it.each(zones)('means the clocks of %s, as the domain reads them', async (zone) => {
    const chatId = await openChat(zone)
    for (const moment of moments) {
      const [day = '', time = ''] = moment.split('T')
      const expected = instantOf({ day, minutes: minutesOf(time) }, zone)
      expect(await told(chatId, moment), moment).toBe(new Date(expected).toISOString())
    }
  })

  it('means those of the company for whoever has no zone; one with a zone is what it says', async () => {
    const chatId = await openChat(null)
    expect(await told(chatId, '2030-12-01T09:00:00')).toBe('2030-12-01T12:00:00.000Z')
    expect(await told(chatId, '2030-12-01T09:00:00.000Z')).toBe('2030-12-01T09:00:00.000Z')
    expect(await told(chatId, '2030-12-01T09:00:00+02:00')).toBe('2030-12-01T07:00:00.000Z')
  })

  it('is kept with the message as the moment that it means', async () => {
    const chatId = await openChat('America/Manaus')
    const answer = await world.messages.accept({
      tenantId: tenant.tenantId,
      clientId: tenant.clientId,
      request: { route: 'POST /messages', key: fresh('key'), body: '' },
      chatId,
      channel: 'WHATSAPP',
      content: { type: 'text', text: 'Olá' },
      sendAt: '2030-12-01T09:00:00',
    })
    if (answer.outcome === 'refused') throw new Error(answer.code)
    const { rows } = await world.owner.query(
      `select m.send_at, t.due_at from chat_messages m
       join tasks t on t.tenant_id = m.tenant_id and t.message_id = m.message_id
       where m.tenant_id = $1 and m.message_id = $2`,
      [tenant.tenantId, answer.messageId],
    )
    const nine = new Date('2030-12-01T13:00:00Z')
    expect(rows).toEqual([{ send_at: nine, due_at: nine }])
  })
})
