import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  freshAddress,
  hardly,
  hasBounced,
  type MailWorld,
  openMailChat,
  openMailWorld,
  postMail,
  type SentMail,
  sendMail,
  wasDelivered,
} from '#test/support/mail-world.ts'
import {
  acceptedAs,
  acceptedOf,
  claimOf,
  claimOne,
  fresh,
  settle,
  type WorldTenant,
} from '#test/support/stores-world.ts'

describe('a tenant whose mails bounce too often', () => {
  let world: MailWorld
  let tenant: WorldTenant
  let mail: SentMail
  beforeAll(async () => {
    world = await openMailWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addMailTenant()
    mail = await sendMail(world, tenant)
    world.raised.length = 0
  })

  /** So many mails of which this was told; the rows alone count, so nobody sends each. */
  async function ended(status: 'DELIVERED' | 'HARD_FAILED', count: number, suppress?: string) {
    await world.owner.query(
      `insert into message_status (tenant_id, message_id, channel, provider_message_id, status,
         occurred_at, row_token, suppress)
       select $1, $2, 'EMAIL', gen_random_uuid()::text, $3,
         '2026-11-20'::timestamptz + number * interval '1 second', gen_random_uuid(), $5
       from generate_series(1, $4::int) number`,
      [tenant.tenantId, mail.messageId, status, count, suppress ?? null],
    )
  }
  const pausedFor = async () => {
    const { rows } = await world.owner.query(
      'select mail_paused_reason as reason from tenants where tenant_id = $1',
      [tenant.tenantId],
    )
    return rows[0].reason
  }
  const alarms = () => world.raised.filter(({ name }) => name === 'MailPaused')

  it.each([
    { delivered: 94, bounced: 5, reason: null },
    { delivered: 95, bounced: 5, reason: null },
    { delivered: 94, bounced: 6, reason: 'bounce-rate' },
    { delivered: 950, bounced: 50, reason: null },
    { delivered: 949, bounced: 51, reason: 'bounce-rate' },
  ])('$delivered delivered and $bounced bounced: $reason', async (row) => {
    await ended('DELIVERED', row.delivered)
    await ended('HARD_FAILED', row.bounced - 1, 'hard-bounce')
    const outcome = await world.tell(hasBounced(mail, hardly))
    expect(await pausedFor()).toBe(row.reason)
    const expected = row.reason === null ? [] : [{ name: 'MailPaused', tenantId: tenant.tenantId }]
    expect(alarms()).toEqual(expected)
    expect(outcome.tenantsPaused).toBe(expected.length)
  })

  it("counts neither what is older than 1,000 mails nor what SES's own list held back", async () => {
    await ended('HARD_FAILED', 60, 'provider-list')
    await ended('DELIVERED', 900)
    await world.owner.query(
      `update message_status set occurred_at = '2026-01-01', suppress = 'hard-bounce'
       where tenant_id = $1 and status = 'HARD_FAILED'`,
      [tenant.tenantId],
    )
    await ended('DELIVERED', 100)
    await ended('HARD_FAILED', 60, 'provider-list')
    await world.tell(hasBounced(mail, hardly))
    expect(await pausedFor()).toBeNull()
  })

  it('counts a mail that arrived and bounced later once', async () => {
    await ended('DELIVERED', 94)
    await ended('HARD_FAILED', 5, 'hard-bounce')
    await world.tell(wasDelivered(mail), hasBounced(mail, hardly))
    expect(await pausedFor()).toBe('bounce-rate')
  })

  it('follows the rule of the tenant', async () => {
    const { tenantId } = tenant
    await world.administration.setMailRules({
      ...{ tenantId, bounceRatePercent: 50, bounceRateMinimum: 2 },
    })
    await ended('DELIVERED', 1)
    await world.tell(hasBounced(mail, hardly))
    expect(await pausedFor()).toBeNull()
    await ended('HARD_FAILED', 1, 'hard-bounce')
    await world.tell(hasBounced(mail, hardly))
    expect(await pausedFor()).toBe('bounce-rate')
  })

  describe('and is paused', () => {
    let chatId: string
    beforeEach(async () => {
      chatId = await openMailChat(world, tenant, freshAddress())
    })
    const pause = async () => {
      await ended('HARD_FAILED', 100, 'hard-bounce')
      await world.tell(hasBounced(mail, hardly))
      expect(await pausedFor()).toBe('bounce-rate')
    }

    it('posts no marketing, and everything else', async () => {
      await pause()
      expect(await postMail(world, tenant, { chatId, category: 'marketing' })).toMatchObject({
        ...{ outcome: 'refused', code: 'mail-paused' },
      })
      for (const category of [undefined, 'transactional'] as const) {
        const answer = await postMail(world, tenant, { chatId, ...(category && { category }) })
        expect(answer.outcome).toBe('accepted')
      }
    })

    it('holds the marketing that waits, which holds up nothing else of its chat', async () => {
      const offer = acceptedOf(await postMail(world, tenant, { chatId, category: 'marketing' }))
      const receipt = acceptedOf(await postMail(world, tenant, { chatId }))
      await pause()
      const first = await world.messages.claim(claimOf(offer))
      expect(first.sends).toEqual([])
      expect(first.held).toMatchObject([{ taskId: offer.taskId, reason: 'mail-paused' }])
      // What was behind it is woken.
      expect(first.wakes).toMatchObject([{ taskId: receipt.taskId, inSeconds: 0 }])
      const sent = await claimOne(world, receipt)
      await settle(world, sent, acceptedAs(fresh('0103')))
      await world.pass(1801)
      const again = await world.messages.claim(claimOf(offer))
      expect(again.held).toMatchObject([{ reason: 'mail-paused' }])
    })

    it('passes by it in one batch, too', async () => {
      const offer = acceptedOf(await postMail(world, tenant, { chatId, category: 'marketing' }))
      const receipt = acceptedOf(await postMail(world, tenant, { chatId }))
      await pause()
      const { sends, held } = await world.messages.claim(claimOf(offer, receipt))
      expect(sends.map(({ taskId }) => taskId)).toEqual([receipt.taskId])
      expect(held).toHaveLength(1)
    })

    it('goes on when somebody resumes it, and counts anew from there', async () => {
      const offer = acceptedOf(await postMail(world, tenant, { chatId, category: 'marketing' }))
      await pause()
      await world.messages.claim(claimOf(offer))
      expect(await world.administration.resumeMail(tenant.tenantId)).toBe(true)
      expect(await world.administration.resumeMail('999999')).toBe(false)
      await world.pass(1801)
      await claimOne(world, offer)
      const other = await sendMail(world, tenant)
      await world.tell(hasBounced(other, hardly))
      expect(await pausedFor()).toBeNull()
      expect(alarms()).toHaveLength(1)
      const posted = await postMail(world, tenant, { chatId, category: 'marketing' })
      expect(posted.outcome).toBe('accepted')
    })
  })
})
