import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TemplateContent } from '#shared/domain/template-content.ts'
import type { AcceptMessage } from '#shared/ports/message-store.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makePostMessage } from '#shared/use-cases/post-message.ts'
import { makeSendMessages } from '#shared/use-cases/send-messages.ts'
import { withoutFiles } from '#test/support/media.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  accept,
  apply,
  claim,
  claimOf,
  freshPhone,
  inbound,
  messageOf,
  openChat,
  text,
  type WorldTenant,
  whatsapp,
  wish,
} from '#test/support/stores-world.ts'

const content: TemplateContent = {
  type: 'template',
  name: 'parcela_a_vencer',
  language: 'pt_BR',
  variables: { body: ['Ana'] },
}
const fits = { body: 1 }

/** What is known of Meta's templates, when a message is accepted and when it is sent. */
describe('templates at sending', () => {
  let world: PostgresWorld
  let tenant: WorldTenant
  let phone: string
  let chatId: string

  beforeAll(async () => {
    world = await openPostgresWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
    phone = freshPhone()
    chatId = (await openChat(world, tenant, { contacts: [whatsapp(phone)] })).chatId
    await synced()
  })

  const synced = () =>
    world.owner.query('update senders set templates_synced_at = now() where sender_id = $1', [
      tenant.senderId,
    ])
  const known = async (template: Readonly<Record<string, unknown>> = {}) => {
    const { wabaId } = tenant.sender
    const row = {
      ...{ tenant_id: tenant.tenantId, waba_id: wabaId, name: content.name, language: 'pt_BR' },
      ...{ category: 'UTILITY', accepted_category: 'UTILITY', status: 'APPROVED', shape: fits },
      ...template,
    }
    const columns = Object.keys(row)
    await world.owner.query(
      `insert into provider_templates (${columns.join(', ')})
       values (${columns.map((_, index) => `$${index + 1}`).join(', ')})
       on conflict (tenant_id, waba_id, name, language) do update
       set category = excluded.category, status = excluded.status, shape = excluded.shape`,
      Object.values(row),
    )
  }
  const ask = (more: Partial<AcceptMessage> = {}) =>
    world.messages.accept({ ...wish(tenant, chatId, { content }), ...more })

  const states = [
    ['template-paused', { status: 'PAUSED' }],
    ['template-disabled', { status: 'DISABLED' }],
    ['template-not-approved', { status: 'REJECTED' }],
    ['template-recategorised', { category: 'MARKETING' }],
  ] as const

  it('an approved one whose variables fit goes', async () => {
    await known()
    expect(await ask()).toMatchObject({ outcome: 'accepted' })
  })

  it('of an account that was never synced nothing is known', async () => {
    await world.owner.query('update senders set templates_synced_at = null where sender_id = $1', [
      tenant.senderId,
    ])
    expect(await ask()).toMatchObject({ outcome: 'accepted' })
  })

  it('one that is not there, in this language, in this account, is refused', async () => {
    expect(await ask()).toMatchObject({ code: 'template-missing' })
    await known({ language: 'en_US' })
    await known({ waba_id: 'another' })
    expect(await ask()).toMatchObject({ code: 'template-missing' })
    await known()
    expect(await ask()).toMatchObject({ outcome: 'accepted' })
  })

  it('variables that do not fit are refused with the shape that would', async () => {
    const shape = { body: 3, header: { format: 'IMAGE' } }
    await known({ shape })
    expect(await ask()).toMatchObject({
      outcome: 'refused',
      code: 'template-parameters',
      expectedShape: shape,
    })
    const headerMedia = { type: 'image', mediaId: crypto.randomUUID() } as const
    const fitting = { ...content, variables: { body: ['a', 'b', 'c'], headerMedia } }
    // The variables fit; the file is another matter, asked first.
    expect(await ask({ content: fitting })).toMatchObject({ code: 'media-not-found' })
    await known({ shape: { body: 3 } })
    const { headerMedia: _, ...texts } = fitting.variables
    expect(await ask({ content: { ...content, variables: texts } })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('says field by field what does not fit', async () => {
    await known({ shape: { body: ['nome'] } })
    const post = makePostMessage(
      world.messages,
      { wake: async () => ({ failed: 0 }) },
      { raise: () => undefined },
    )
    await expect(post(wish(tenant, chatId, { content }))).rejects.toMatchObject({
      code: 'template-parameters',
      detail: { expected: { body: ['nome'] }, problems: [{ path: 'content.variables.body' }] },
    })
    await apply(world, inbound(tenant, { phone }))
    const withFallback = wish(tenant, chatId, { content: text('Olá'), fallback: content })
    await expect(post(withFallback)).rejects.toMatchObject({
      detail: { problems: [{ path: 'fallbackTemplate.variables.body' }] },
    })
  })

  it.each(states)('%s: refused at POST, with an alert', async (code, template) => {
    await known(template)
    const raised: unknown[] = []
    const post = makePostMessage(
      world.messages,
      { wake: async () => ({ failed: 0 }) },
      { raise: (name, facts) => raised.push({ name, ...facts }) },
    )
    const command = wish(tenant, chatId, { content })
    await expect(post(command)).rejects.toMatchObject({ code })
    expect(raised).toEqual([{ name: 'TemplateBlocked', tenantId: tenant.tenantId, code }])
  })

  it.each([...states, ['template-missing', { name: 'outro' }]] as const)(
    '%s since it was accepted: FAILED without a call, and told once a batch',
    async (code, template) => {
      await world.owner.query(
        'update senders set templates_synced_at = null where sender_id = $1',
        [tenant.senderId],
      )
      const messages = [
        await accept(world, tenant, { chatId, content }),
        await accept(world, tenant, { chatId, content }),
      ]
      const free = await accept(world, tenant, { chatId })
      await synced()
      await known(template)
      const called: string[] = []
      const raised: unknown[] = []
      const sendMessages = makeSendMessages({
        ...withoutFiles,
        messages: world.messages,
        queue: { wake: async () => ({ failed: 0 }) },
        provider: {
          send: async ({ content: { type } }) => {
            called.push(type)
            return { outcome: 'accepted', providerMessageId: crypto.randomUUID(), held: false }
          },
        },
        clock: systemClock,
        randomness: systemRandomness,
        waits: world.waits,
        alerts: { raise: (name, facts) => raised.push({ name, ...facts }) },
      })
      expect(await sendMessages([...messages, free])).toEqual({ claimed: 1, accepted: 1 })
      expect(called).toEqual(['text'])
      expect(raised).toEqual([{ name: 'TemplateBlocked', tenantId: tenant.tenantId, code }])
      for (const message of messages) {
        const shown = await messageOf(world, tenant, message)
        expect(shown).toMatchObject({ status: 'FAILED', reason: code })
      }
      const { rows } = await world.owner.query(
        'select count(*)::int as attempts from send_attempts where message_id = any ($1)',
        [messages.map(({ messageId }) => messageId)],
      )
      expect(rows).toEqual([{ attempts: 0 }])
    },
  )

  describe('a fallback', () => {
    const written = { content: { type: 'text', text: 'Olá' } as const, fallback: content }

    it('that is used now must be in a state to go', async () => {
      await known({ status: 'PAUSED' })
      expect(await ask(written)).toMatchObject({ code: 'template-paused' })
    })

    it('that waits must exist and fit; its state counts later', async () => {
      await apply(world, inbound(tenant, { phone }))
      expect(await ask(written)).toMatchObject({ code: 'template-missing' })
      await known({ status: 'PAUSED' })
      const other = { ...content, variables: { body: ['Ana', 'Lima'] } }
      expect(await ask({ ...written, fallback: other })).toMatchObject({
        code: 'template-parameters',
        expectedShape: fits,
      })
      const message = await accept(world, tenant, {
        ...{ chatId, ...written },
        expiresAt: new Date(Date.now() + 3 * 86_400_000).toISOString(),
      })
      await world.pass(86_401)
      const claimed = await world.messages.claim(claimOf(message))
      expect(claimed).toMatchObject({ sends: [], ended: [{ reason: 'template-paused' }] })
    })
  })

  describe('an opt-out', () => {
    it('from MARKETING stops templates of that category only', async () => {
      const marketing = { category: 'MARKETING', accepted_category: 'MARKETING' }
      await known()
      await known({ ...marketing, name: 'promocao' })
      await world.optOut(tenant.tenantId, chatId, { category: 'MARKETING' })
      expect(await ask()).toMatchObject({ outcome: 'accepted' })
      const promotion = { content: { ...content, name: 'promocao' } }
      expect(await ask(promotion)).toMatchObject({ code: 'opted-out' })
      await world.optOut(tenant.tenantId, chatId, { category: 'MARKETING', restored: true })
      expect(await ask(promotion)).toMatchObject({ outcome: 'accepted' })
    })

    it("does not stop the product's own word on it", async () => {
      const message = await accept(world, tenant, { chatId })
      await world.owner.query(
        `update chat_messages set origin = 'automatic' where message_id = $1`,
        [message.messageId],
      )
      await world.optOut(tenant.tenantId, chatId, { category: 'ALL' })
      expect(await claim(world, message)).toHaveLength(1)
    })
  })
})
