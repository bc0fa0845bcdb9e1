import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SuppressionReason } from '#shared/domain/suppression.ts'
import {
  freshAddress,
  hardly,
  hasBounced,
  hasComplained,
  type MailWorld,
  openMailChat,
  openMailWorld,
  postMail,
  type SentMail,
  sendMail,
  sendMailIn,
  softly,
  suppressionOf,
  wasDelivered,
} from '#test/support/mail-world.ts'
import {
  acceptedOf,
  claimOf,
  fresh,
  freshPhone,
  messageOf,
  openChat,
  type WorldTenant,
  whatsapp,
  wish,
} from '#test/support/stores-world.ts'

const refused = (code: string) => expect.objectContaining({ outcome: 'refused', code })
const accepted = expect.objectContaining({ outcome: 'accepted' })

describe('a suppressed address', () => {
  let world: MailWorld
  let tenant: WorldTenant
  beforeAll(async () => {
    world = await openMailWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addMailTenant()
  })

  const suppress = async (
    address: string,
    { reason = 'manual', expiresAt }: { reason?: SuppressionReason; expiresAt?: string } = {},
  ) => {
    const answer = await world.suppressions.add({
      ...tenant,
      request: { route: 'POST /suppressions', key: fresh('key'), body: '{}' },
      ...{ channel: 'EMAIL', address, reason, expiresAt },
    })
    if (answer.outcome === 'refused') throw new Error(answer.code)
    return answer
  }
  const lift = async (address: string) => {
    const living = await suppressionOf(world, tenant, address)
    return world.suppressions.remove(tenant, living?.suppressionId ?? '0')
  }
  const reasonOf = async (address: string) => (await suppressionOf(world, tenant, address))?.reason

  it('is refused at POST, and nothing of the message is stored', async () => {
    const address = freshAddress()
    const chatId = await openMailChat(world, tenant, address)
    await suppress(address)
    for (const category of ['transactional', 'marketing', undefined] as const) {
      expect(await postMail(world, tenant, { chatId, ...(category && { category }) })).toEqual(
        refused('suppressed'),
      )
    }
    const { rows } = await world.owner.query(
      'select count(*)::int as messages from chat_messages where tenant_id = $1',
      [tenant.tenantId],
    )
    expect(rows).toEqual([{ messages: 0 }])
  })

  it('ends what was waiting at the claim, without a call', async () => {
    const address = freshAddress()
    const chatId = await openMailChat(world, tenant, address)
    const posted = acceptedOf(await postMail(world, tenant, { chatId }))
    await suppress(address)
    const { sends, ended } = await world.messages.claim(claimOf(posted))
    expect(sends).toEqual([])
    expect(ended).toMatchObject([{ taskId: posted.taskId, reason: 'suppressed' }])
    expect(await messageOf(world, tenant, { ...posted, chatId })).toMatchObject({
      ...{ status: 'FAILED', reason: 'suppressed' },
    })
  })

  it('is suppressed whoever carries it, in any spelling, for its tenant alone', async () => {
    const address = freshAddress()
    await suppress(address.toUpperCase())
    const chatId = await openMailChat(world, tenant, address)
    expect(await postMail(world, tenant, { chatId })).toEqual(refused('suppressed'))
    const other = await world.addMailTenant()
    const theirs = await openMailChat(world, other, address)
    expect(await postMail(world, other, { chatId: theirs })).toEqual(accepted)
  })

  it('stops no other channel of the person', async () => {
    const address = freshAddress()
    const contacts = [{ channel: 'EMAIL', address } as const, whatsapp(freshPhone())]
    const { chatId } = await openChat(world, tenant, { contacts })
    await suppress(address)
    expect(await world.messages.accept(wish(tenant, chatId))).toEqual(accepted)
  })

  it('may be a phone', async () => {
    const phone = freshPhone()
    const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
    await world.suppressions.add({
      ...tenant,
      request: { route: 'POST /suppressions', key: fresh('key'), body: '{}' },
      ...{ channel: 'WHATSAPP', address: phone, reason: 'manual' },
    })
    expect(await world.messages.accept(wish(tenant, chatId))).toEqual(refused('suppressed'))
  })

  it('that was unsubscribed still gets what is no marketing', async () => {
    const address = freshAddress()
    const chatId = await openMailChat(world, tenant, address)
    await suppress(address, { reason: 'unsubscribed' })
    expect(await postMail(world, tenant, { chatId })).toEqual(accepted)
    expect(await postMail(world, tenant, { chatId, category: 'marketing' })).toEqual(
      refused('suppressed'),
    )
  })

  it('is written to again once the time is over, and may be suppressed anew', async () => {
    const address = freshAddress()
    const chatId = await openMailChat(world, tenant, address)
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const first = await suppress(address, { expiresAt })
    expect(first).toMatchObject({ isNew: true, suppression: { expiresAt } })
    expect(await postMail(world, tenant, { chatId })).toEqual(refused('suppressed'))
    await world.pass(3601)
    expect(await postMail(world, tenant, { chatId })).toEqual(accepted)
    expect(await suppressionOf(world, tenant, address)).toBeUndefined()
    const second = await suppress(address)
    expect(second.isNew).toBe(true)
    expect(second.suppression.suppressionId).not.toBe(first.suppression.suppressionId)
  })

  it('that is over before it begins is refused', async () => {
    const answer = await world.suppressions.add({
      ...tenant,
      request: { route: 'POST /suppressions', key: fresh('key'), body: '{}' },
      ...{ channel: 'EMAIL', address: freshAddress(), reason: 'manual' },
      expiresAt: '2020-01-01T00:00:00Z',
    })
    expect(answer).toMatchObject({ outcome: 'refused', code: 'expiry-passed' })
  })

  it('has one living suppression: the stronger reason, of the same the later end', async () => {
    const address = freshAddress()
    const soon = new Date(Date.now() + 60_000).toISOString()
    const later = new Date(Date.now() + 120_000).toISOString()
    const told = [
      await suppress(address, { reason: 'unsubscribed' }),
      await suppress(address, { expiresAt: later }),
      await suppress(address, { expiresAt: soon }),
      await suppress(address, { reason: 'complaint' }),
      await suppress(address, { reason: 'hard-bounce' }),
    ]
    expect(told.map(({ isNew }) => isNew)).toEqual([true, false, false, false, false])
    expect(new Set(told.map(({ suppression }) => suppression.suppressionId)).size).toBe(1)
    const shown = told.map(({ suppression: { reason, expiresAt } }) => ({ reason, expiresAt }))
    expect(shown).toEqual([
      { reason: 'unsubscribed', expiresAt: undefined },
      { reason: 'manual', expiresAt: later },
      { reason: 'manual', expiresAt: later },
      { reason: 'complaint', expiresAt: undefined },
      { reason: 'complaint', expiresAt: undefined },
    ])
  })

  it('stays lifted, whatever copies say, until something new is told', async () => {
    const mail = await sendMail(world, tenant)
    await world.tell(hasBounced(mail, hardly))
    expect(await lift(mail.address)).toBe(true)
    await world.tell(hasBounced(mail, hardly), hasBounced(mail, hardly))
    expect(await reasonOf(mail.address)).toBeUndefined()
    const next = await sendMailIn(world, tenant, mail)
    await world.tell(hasComplained(next))
    expect(await reasonOf(mail.address)).toBe('complaint')
  })

  describe('by soft bounces in a row', () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 12, minute)).toISOString()
    const mailsTo = async (count: number, tells: (mail: SentMail) => object) => {
      const first = await sendMail(world, tenant)
      const mails = [first]
      await world.tell(tells(first))
      while (mails.length < count) {
        const mail = await sendMailIn(world, tenant, first)
        mails.push(mail)
        await world.tell(tells(mail))
      }
      return mails as [SentMail, ...SentMail[]]
    }
    const soft = (mail: SentMail, minute: number) => hasBounced(mail, softly, { at: at(minute) })

    it('counts the third, not the second', async () => {
      let minute = 0
      const [mail] = await mailsTo(2, (sent) => soft(sent, minute++))
      expect(await reasonOf(mail.address)).toBeUndefined()
      const third = await sendMailIn(world, tenant, mail)
      await world.tell(soft(third, 3), soft(third, 4), soft(third, 5))
      expect(await reasonOf(mail.address)).toBe('soft-bounces')
      const { chatId } = mail
      expect(await postMail(world, tenant, { chatId })).toEqual(refused('suppressed'))
    })

    it('begins anew after a delivery, and ends with one, whichever was told first', async () => {
      let minute = 0
      const mails = await mailsTo(4, (sent) => {
        minute += 1
        return minute === 3 ? wasDelivered(sent, { at: at(minute) }) : soft(sent, minute)
      })
      const [{ address }] = mails
      expect(await reasonOf(address)).toBeUndefined()
      const fifth = await sendMailIn(world, tenant, mails[0])
      const sixth = await sendMailIn(world, tenant, mails[0])
      await world.tell(soft(fifth, 5))
      expect(await reasonOf(address)).toBeUndefined()
      await world.tell(soft(sixth, 6))
      expect(await reasonOf(address)).toBe('soft-bounces')
      // One that was on its way meanwhile arrives.
      const [, , , fourth] = mails
      if (fourth === undefined) throw new Error('four mails were sent')
      await world.tell(wasDelivered(fourth, { at: at(5) }))
      expect(await reasonOf(address)).toBeUndefined()
    })

    it('follows the rule of the tenant, and may be switched off', async () => {
      await world.administration.setMailRules({ tenantId: tenant.tenantId, softBounceRun: 1 })
      const mail = await sendMail(world, tenant)
      await world.tell(soft(mail, 1))
      expect(await reasonOf(mail.address)).toBe('soft-bounces')
      await world.owner.query('update tenants set soft_bounce_run = null where tenant_id = $1', [
        tenant.tenantId,
      ])
      const other = await sendMail(world, tenant)
      await world.tell(soft(other, 1))
      expect(await reasonOf(other.address)).toBeUndefined()
    })

    it('counts nothing from before somebody lifted it', async () => {
      const now = Date.now()
      const told = (mail: SentMail, seconds: number) =>
        hasBounced(mail, softly, { at: new Date(now + seconds * 1000).toISOString() })
      let second = -3600
      const [mail] = await mailsTo(3, (sent) => told(sent, second++))
      expect(await reasonOf(mail.address)).toBe('soft-bounces')
      await lift(mail.address)
      for (const seconds of [60, 120]) {
        await world.tell(told(await sendMailIn(world, tenant, mail), seconds))
      }
      expect(await reasonOf(mail.address)).toBeUndefined()
      await world.tell(told(await sendMailIn(world, tenant, mail), 180))
      expect(await reasonOf(mail.address)).toBe('soft-bounces')
    })
  })
})

describe("a person's word against mails", () => {
  let world: MailWorld
  beforeAll(async () => {
    world = await openMailWorld()
  })
  afterAll(() => world.close())

  it.each([
    ['MARKETING', 'marketing', refused('opted-out')],
    ['MARKETING', 'transactional', accepted],
    ['ALL', 'marketing', refused('opted-out')],
    ['ALL', 'transactional', refused('opted-out')],
  ] as const)('%s and a %s mail', async (word, category, answer) => {
    const tenant = await world.addMailTenant()
    const chatId = await openMailChat(world, tenant, freshAddress())
    const waiting = acceptedOf(await postMail(world, tenant, { chatId, category }))
    await world.optOut(tenant.tenantId, chatId, { category: word })
    expect(await postMail(world, tenant, { chatId, category })).toEqual(answer)
    const { sends, ended } = await world.messages.claim(claimOf(waiting))
    const isRefused = answer !== accepted
    expect(ended.map(({ reason }) => reason)).toEqual(isRefused ? ['opted-out'] : [])
    expect(sends).toHaveLength(isRefused ? 0 : 1)
  })
})
