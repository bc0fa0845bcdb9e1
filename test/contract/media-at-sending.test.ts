import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MessageContent } from '#shared/domain/content.ts'
import type { TemplateContent } from '#shared/domain/template-content.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  accept,
  acceptedAs,
  apply,
  claimOne,
  fresh,
  freshPhone,
  inbound,
  openChat,
  type WorldTenant,
  whatsapp,
  wish,
} from '#test/support/stores-world.ts'

/** Files that messages show: rows of the media road, read where messages are sent. */
describe('media at sending', () => {
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
  })

  /** A file of the tenant as the media road keeps it; its name is sealed. */
  async function file(state: 'PENDING' | 'STORED' | 'FAILED' = 'STORED', of = tenant) {
    const mediaId = crypto.randomUUID()
    await world.owner.query(
      `insert into media (tenant_id, media_id, direction, kind, state, mime_type, size_bytes,
         object_key, row_token)
       values ($1, $2, 'OUTBOUND', 'document', $3, 'application/pdf', 1234, $4, $5)`,
      [of.tenantId, mediaId, state, `media/${mediaId}`, crypto.randomUUID()],
    )
    return mediaId
  }
  const document = (mediaId: string): MessageContent => ({ type: 'document', mediaId })
  const notice = (mediaId: string): TemplateContent => ({
    type: 'template',
    name: 'boleto',
    language: 'pt_BR',
    variables: { headerMedia: { type: 'document', mediaId } },
  })
  const ask = (content: MessageContent, fallback?: TemplateContent) =>
    world.messages.accept({ ...wish(tenant, chatId, { content }), fallback })
  const sendWith = async (content: MessageContent) =>
    claimOne(world, await accept(world, tenant, { chatId, content }))

  it('must exist for the tenant and be stored', async () => {
    expect(await ask(document(crypto.randomUUID()))).toMatchObject({ code: 'media-not-found' })
    const theirs = await file('STORED', await world.addTenant())
    expect(await ask(document(theirs))).toMatchObject({ code: 'media-not-found' })
    for (const state of ['PENDING', 'FAILED'] as const) {
      expect(await ask(document(await file(state)))).toMatchObject({ code: 'media-not-ready' })
    }
    expect(await ask(document(await file()))).toMatchObject({ outcome: 'accepted' })
  })

  it('of a fallback too, in use or not', async () => {
    const missing = notice(crypto.randomUUID())
    const said: MessageContent = { type: 'text', text: 'Olá' }
    expect(await ask(said, missing)).toMatchObject({ code: 'media-not-found' })
    await apply(world, inbound(tenant, { phone }))
    expect(await ask(said, missing)).toMatchObject({ code: 'media-not-found' })
    expect(await ask(said, notice(await file()))).toMatchObject({ outcome: 'accepted' })
  })

  it('is handed over with the claim', async () => {
    const mediaId = await file()
    const { media } = await sendWith(document(mediaId))
    expect(media).toEqual([
      {
        mediaId,
        objectKey: `media/${mediaId}`,
        mimeType: 'application/pdf',
        sizeBytes: 1234,
        filename: undefined,
        providerMediaId: undefined,
      },
    ])
  })

  it('of the fallback, once that has taken the place', async () => {
    await apply(world, inbound(tenant, { phone }))
    const [first, second] = [await file(), await file()]
    const message = await accept(world, tenant, {
      ...{ chatId, content: document(first), fallback: notice(second) },
      expiresAt: new Date(Date.now() + 3 * 86_400_000).toISOString(),
    })
    await world.pass(86_401)
    const { content, media } = await claimOne(world, message)
    expect(content).toEqual(notice(second))
    expect(media.map(({ mediaId }) => mediaId)).toEqual([second])
  })

  describe('what the provider calls it', () => {
    const upload = async (mediaId: string, providerMediaId: string) => {
      const { tenantId, taskId, attemptId, fence } = await sendWith(document(mediaId))
      const uploads = [{ mediaId, providerMediaId }]
      const settlement = acceptedAs(fresh('wamid'))
      await world.messages.settle([{ tenantId, taskId, attemptId, fence, settlement, uploads }])
    }
    const nameOf = async (mediaId: string) =>
      (await sendWith(document(mediaId))).media[0]?.providerMediaId

    it('is kept sealed for 29 days, then forgotten, and replaced by a newer one', async () => {
      const mediaId = await file()
      await upload(mediaId, 'meta-1')
      const { rows } = await world.owner.query(
        'select provider_media_id as sealed from media_uploads where media_id = $1',
        [mediaId],
      )
      expect(rows).toHaveLength(1)
      expect(rows[0].sealed.toString('latin1')).not.toContain('meta-1')
      await upload(mediaId, 'meta-2')
      chatId = (await openChat(world, tenant)).chatId
      expect(await nameOf(mediaId)).toBe('meta-2')
      await world.pass(29 * 86_400)
      chatId = (await openChat(world, tenant)).chatId
      expect(await nameOf(mediaId)).toBeUndefined()
    })

    it('of a file that is gone, or of another tenant, changes nothing', async () => {
      const theirs = await file('STORED', await world.addTenant())
      const { tenantId, taskId, attemptId, fence } = await sendWith({ type: 'text', text: 'Oi' })
      const uploads = [theirs, crypto.randomUUID()].map((mediaId) => ({
        mediaId,
        providerMediaId: 'meta-3',
      }))
      const settlement = acceptedAs(fresh('wamid'))
      await world.messages.settle([{ tenantId, taskId, attemptId, fence, settlement, uploads }])
      const { rows } = await world.owner.query('select 1 from media_uploads where media_id = $1', [
        theirs,
      ])
      expect(rows).toEqual([])
    })
  })
})
