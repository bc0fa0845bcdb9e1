import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeAccountEvents } from '#shared/adapters/database/account-events.ts'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { authorsOfItem } from '#shared/adapters/whatsapp/webhook-authors.ts'
import { translateItem } from '#shared/adapters/whatsapp/webhook-events.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { systemClock } from '#shared/runtime/system.ts'
import { makeApplyWebhook } from '#shared/use-cases/apply-webhook.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  accept,
  acceptedAs,
  allChats,
  claimOne,
  fresh,
  freshPhone,
  openChat,
  send,
  settle,
  thread,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

const seconds = Date.parse('2026-11-23T12:00:00Z') / 1000
const sha256 = Buffer.alloc(32, 7).toString('base64')

/** Webhooks as Meta writes them, applied by the real use case, seen in the rows. */
describe('webhooks in rows', () => {
  let world: PostgresWorld
  let tenant: WorldTenant
  let phone: string
  let chatId: string
  let woken: Wake[]
  let raised: object[]

  beforeAll(async () => {
    world = await openPostgresWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
    phone = freshPhone()
    chatId = (await openChat(world, tenant, { contacts: [whatsapp(phone)] })).chatId
    woken = []
    raised = []
  })

  async function post(field: string, value: object, time?: number) {
    const entry = { id: tenant.sender.wabaId, time, changes: [{ field, value }] }
    const apply = makeApplyWebhook({
      events: world.events,
      // One that knows what was added since.
      directory: makeDirectory(world.dataApi, systemClock),
      queue: {
        wake: async (wakes) => {
          woken.push(...wakes)
          return { failed: 0 }
        },
      },
      alerts: { raise: (name, facts) => raised.push({ name, ...facts }) },
      authorsOf: authorsOfItem,
      translate: (item) =>
        translateItem(item, { now: new Date(), uuid: () => crypto.randomUUID() }),
    })
    return apply(JSON.parse(JSON.stringify(splitWebhook({ entry: [entry] }))))
  }
  const metadata = () => ({ phone_number_id: tenant.sender.phoneNumberId })
  const write = (message: object) =>
    post('messages', {
      metadata: metadata(),
      messages: [
        { id: fresh('wamid'), timestamp: String(seconds), from: phone.slice(1), ...message },
      ],
    })
  const rows = async (sql: string) => (await world.owner.query(sql, [tenant.tenantId])).rows
  const keys = () => makeKmsDataKeys(world.kmsClient, world.kms.keyArn)

  describe('a file that came in', () => {
    const image = { id: 'meta-media-1', mime_type: 'image/jpeg', sha256 }

    it('is a row with its task, woken; what Meta calls it is sealed', async () => {
      const document = { ...image, mime_type: 'application/pdf', filename: 'nf-123.pdf' }
      await write({ type: 'document', document })
      const [message] = await thread(world, tenant, chatId)
      const [row] = await rows(`select *, media_id::text, message_id::text from media
        where tenant_id = $1`)
      expect(row).toMatchObject({
        direction: 'INBOUND',
        kind: 'document',
        state: 'PENDING',
        mime_type: 'application/pdf',
        message_id: message?.messageId,
        sender_id: tenant.senderId,
        object_key: `media/${tenant.tenantId}/${row.media_id}`,
        sha256: Buffer.alloc(32, 7),
      })
      expect(message?.content).toEqual({
        type: 'document',
        mediaId: row.media_id,
        filename: 'nf-123.pdf',
      })
      const sealers = makeSealer(world.directory, makeTenantKeys(keys()), systemClock)
      const sealer = await sealers.forTenant(tenant.tenantId)
      const open = (column: string) =>
        sealer.open({ table: 'media', column, rowToken: row.row_token }, row[column])
      expect([open('filename'), open('provider_media_id')]).toEqual(['nf-123.pdf', 'meta-media-1'])
      const [task] = await rows(`select task_id::text, type, payload, state,
        message_id::text from tasks where tenant_id = $1`)
      expect(task).toMatchObject({
        type: 'MEDIA_FETCH',
        payload: { mediaId: row.media_id },
        state: 'PENDING',
        message_id: message?.messageId,
      })
      expect(woken).toMatchObject([{ type: 'MEDIA_FETCH', taskId: task.task_id }])
    })

    it('is let go once the message is taken back', async () => {
      const id = fresh('wamid')
      await write({ id, type: 'image', image })
      await write({ type: 'revoke', revoke: { original_message_id: id } })
      expect(
        await rows('select state, reason, provider_media_id from media where tenant_id = $1'),
      ).toEqual([{ state: 'FAILED', reason: 'revoked', provider_media_id: null }])
      expect(await rows('select state from tasks where tenant_id = $1')).toEqual([
        { state: 'CANCELLED' },
      ])
    })

    it('of an edit is fetched too', async () => {
      const id = fresh('wamid')
      await write({ id, type: 'image', image })
      const message = { type: 'image', image: { ...image, id: 'meta-media-2' } }
      await write({ type: 'edit', edit: { original_message_id: id, message } })
      expect(woken.map(({ type }) => type)).toEqual(['MEDIA_FETCH', 'MEDIA_FETCH'])
      expect(await rows('select state from media where tenant_id = $1')).toHaveLength(2)
    })
  })

  describe('opt-outs', () => {
    const optOuts = () =>
      rows(`select category, source, restored_at is null as is_out from opt_outs
        where tenant_id = $1 order by category`)
    const refused = { errors: [{ code: 131050, title: 'User has stopped' }] }
    const refuse = (wamid: string) =>
      post('messages', {
        metadata: metadata(),
        statuses: [{ id: wamid, status: 'failed', timestamp: String(seconds), ...refused }],
      })

    it('by a word, in the words of the tenant', async () => {
      await world.owner.query(
        `update tenants set opt_out_confirmation = 'Até mais!' where tenant_id = $1`,
        [tenant.tenantId],
      )
      await write({ type: 'text', text: { body: ' Sair! ' } })
      expect(await optOuts()).toEqual([{ category: 'ALL', source: 'keyword', is_out: true }])
      const [, answer] = await thread(world, tenant, chatId)
      expect(answer).toMatchObject({ status: 'QUEUED', content: { text: 'Até mais!' } })
      expect(
        await rows(`select origin from chat_messages where tenant_id = $1
        and direction = 'OUTBOUND'`),
      ).toEqual([{ origin: 'automatic' }])
    })

    it('by a button, and back again', async () => {
      await write({ type: 'button', button: { text: 'Parar', payload: 'x' } })
      const timestamp = String(seconds + 1)
      await write({ type: 'text', text: { body: 'VOLTAR' }, timestamp })
      expect(await optOuts()).toEqual([{ category: 'ALL', source: 'keyword', is_out: false }])
      expect(await thread(world, tenant, chatId)).toHaveLength(4)
    })

    it('by a preference at Meta, of whom we know', async () => {
      const prefer = (value: string, timestamp: number, wa_id = phone.slice(1)) =>
        post('user_preferences', {
          metadata: metadata(),
          user_preferences: [{ wa_id, category: 'marketing_messages', value, timestamp }],
        })
      await prefer('stop', seconds, freshPhone().slice(1))
      expect(await optOuts()).toEqual([])
      await prefer('stop', seconds)
      const stopped = { category: 'MARKETING', source: 'preference' }
      expect(await optOuts()).toEqual([{ ...stopped, is_out: true }])
      await prefer('resume', seconds + 2)
      await prefer('stop', seconds + 1)
      expect(await optOuts()).toEqual([{ ...stopped, is_out: false }])
    })

    it('by a refusal that Meta reports, also one that was faster than the answer', async () => {
      const sent = await send(world, tenant, chatId)
      await refuse(sent.wamid)
      const marketing = { category: 'MARKETING', source: 'provider-refusal', is_out: true }
      expect(await optOuts()).toEqual([marketing])
      tenant = await world.addTenant()
      chatId = (await openChat(world, tenant)).chatId
      const wamid = fresh('wamid')
      const claimed = await claimOne(world, await accept(world, tenant, { chatId }))
      await refuse(wamid)
      expect(await optOuts()).toEqual([])
      await settle(world, claimed, acceptedAs(wamid))
      expect(await optOuts()).toEqual([marketing])
    })

    it('of two contacts that become one are joined', async () => {
      const userId = fresh('BR.1')
      const nobody = { from: undefined, from_user_id: userId }
      await write({ ...nobody, type: 'text', text: { body: 'sair' } })
      await write({ type: 'system', system: { type: 'user_changed_user_id', user_id: userId } })
      expect(await optOuts()).toEqual([{ category: 'ALL', source: 'keyword', is_out: true }])
      expect(await rows('select 1 from contacts where tenant_id = $1')).toHaveLength(1)
      expect(new Set((await allChats(world, tenant)).map(({ status }) => status))).toEqual(
        new Set(['ACTIVE', 'CLOSED']),
      )
    })
  })

  it('an automatic and a business-app message say so; nobody sends the latter', async () => {
    const echo = { id: fresh('wamid'), to: phone.slice(1), timestamp: String(seconds) }
    await post('smb_message_echoes', {
      metadata: metadata(),
      message_echoes: [{ ...echo, type: 'text', text: { body: 'Oi' } }],
    })
    expect(
      await rows(`select m.origin, t.state, a.outcome, a.provider_message_id as id
      from chat_messages m join tasks t using (tenant_id, message_id)
      join send_attempts a using (tenant_id, message_id)
      where tenant_id = $1 and type = 'MESSAGE_SEND'`),
    ).toEqual([{ origin: 'business-app', state: 'DONE', outcome: 'ACCEPTED', id: echo.id }])
    expect(woken).toEqual([])
  })

  describe('news of accounts', () => {
    const status = 'message_template_status_update'
    const named = { message_template_name: 'fatura', message_template_language: 'pt-BR' }
    const byId = { message_template_id: 77 }
    const templates = () =>
      rows(`select status, reason, quality, category, accepted_category,
        synced_at is not null as is_synced from provider_templates where tenant_id = $1`)
    const approved = {
      status: 'APPROVED',
      reason: null,
      quality: null,
      category: 'UTILITY',
      accepted_category: 'UTILITY',
      is_synced: true,
    }

    beforeEach(() =>
      world.owner.query(
        `insert into provider_templates (tenant_id, waba_id, name, language, provider_template_id,
           category, accepted_category, status, synced_at)
         values ($1, $2, 'fatura', 'pt_BR', '77', 'UTILITY', 'UTILITY', 'APPROVED',
           to_timestamp($3 - 1000))`,
        [tenant.tenantId, tenant.sender.wabaId, seconds],
      ),
    )

    it('are a row each, an alert when they warn, and once', async () => {
      const ban = { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE' } }
      expect(await post('account_update', ban, seconds)).toMatchObject({ newsStored: 1 })
      expect(await post('account_update', ban, seconds)).toMatchObject({ newsStored: 0 })
      await post('account_update', { event: 'PARTNER_ADDED' }, seconds)
      const { tenantId } = tenant
      expect(raised).toEqual([
        { name: 'AccountAlert', tenantId, topic: 'account-update', severity: 'critical' },
      ])
      const listed = makeAccountEvents(world.dataApi, makeTransitSealer(keys(), systemClock))
      const open = await listed.list({ tenantId, withAll: false, limit: 10 })
      expect(open).toMatchObject([
        { topic: 'account-update', severity: 'critical', details: { payload: ban } },
      ])
      expect(await listed.list({ tenantId, withAll: true, limit: 10 })).toHaveLength(2)
      expect(await listed.acknowledge(open[0]?.accountEventId ?? '')).toBe(true)
      expect(await listed.acknowledge('999999999')).toBe(false)
      expect(await listed.list({ tenantId, withAll: false, limit: 10 })).toEqual([])
    })

    it('an error of a number, without a time of its own', async () => {
      await post('messages', { metadata: metadata(), errors: [{ code: 131042 }] })
      expect(raised).toMatchObject([{ topic: 'account-error', severity: 'critical' }])
    })

    it('of an account that nobody has are parked', async () => {
      tenant = { ...tenant, sender: { ...tenant.sender, wabaId: fresh('waba') } }
      expect(await post('account_update', { event: fresh('X') }, seconds)).toMatchObject({
        newsStored: 0,
        parkedStored: 1,
      })
    })

    it('change the template that they name, by id or by name and language', async () => {
      await post(status, { ...byId, event: 'PAUSED', reason: 'LOW_QUALITY' }, seconds)
      expect(await templates()).toEqual([{ ...approved, status: 'PAUSED', reason: 'LOW_QUALITY' }])
      await post(status, { ...named, event: 'REINSTATED' }, seconds + 1)
      await post('message_template_quality_update', { ...named, new_quality_score: 'RED' }, seconds)
      const change = { previous_category: 'UTILITY', new_category: 'MARKETING' }
      await post('template_category_update', { ...byId, ...change }, seconds)
      expect(await templates()).toEqual([{ ...approved, quality: 'RED', category: 'MARKETING' }])
      await post(
        'message_template_components_update',
        { ...byId, message_template_element: 'x' },
        seconds,
      )
      expect(await templates()).toMatchObject([{ is_synced: false }])
    })

    it('never go backwards: neither behind each other nor behind what was synced', async () => {
      await post(status, { ...byId, event: 'PAUSED' }, seconds + 10)
      await post(status, { ...byId, event: 'APPROVED' }, seconds)
      expect(await templates()).toMatchObject([{ status: 'PAUSED' }])
      await post('message_template_quality_update', { ...byId, new_quality_score: 'RED' }, seconds)
      expect(await templates()).toMatchObject([{ quality: 'RED' }])
      await post(status, { ...byId, event: 'DISABLED' }, seconds - 2000)
      expect(await templates()).toMatchObject([{ status: 'PAUSED' }])
    })

    it("leave another tenant's template alone", async () => {
      const mine = tenant
      tenant = await world.addTenant()
      await post(status, { ...byId, event: 'DISABLED' }, seconds)
      tenant = mine
      expect(await templates()).toEqual([approved])
    })
  })
})
