import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  enveloped,
  freshAddress,
  hardly,
  hasBounced,
  hasComplained,
  type MailWorld,
  openMailChat,
  openMailWorld,
  postMail,
  sendMail,
  softly,
  suppressionOf,
  wasClicked,
  wasDelayed,
  wasDelivered,
  wasOpened,
  wasSent,
} from '#test/support/mail-world.ts'
import type { WorldTenant } from '#test/support/stores-world.ts'
import {
  acceptedAs,
  acceptedOf,
  claimOne,
  fresh,
  messageOf,
  settle,
} from '#test/support/stores-world.ts'

interface BounceRow {
  readonly told: string
  readonly alone: string
  readonly cause?: string
  /** Whichever of the two is told first. */
  readonly after: string
}

const hard = (subType: string, reason: string, cause?: string): BounceRow => ({
  told: subType,
  alone: `FAILED(${reason})`,
  ...(cause !== undefined && { cause }),
  after: `FAILED(${reason})`,
})
const soft = (told: string, reason: string): BounceRow => ({
  ...{ told, alone: `FAILED(${reason})`, after: 'DELIVERED' },
})

const bounceRows: readonly BounceRow[] = [
  hard('Permanent/General', 'hard-bounce', 'hard-bounce'),
  hard('Permanent/NoEmail', 'hard-bounce', 'hard-bounce'),
  hard('Permanent/Suppressed', 'recipient-suppressed', 'provider-list'),
  hard('Permanent/OnAccountSuppressionList', 'recipient-suppressed', 'provider-list'),
  hard('Permanent/OnTenantSuppressionList', 'recipient-suppressed', 'provider-list'),
  hard('Permanent/EmailValidationSuppressed', 'recipient-suppressed', 'provider-list'),
  hard('Permanent/UnsubscribedRecipient', 'opted-out', 'unsubscribed'),
  hard('Permanent/InventedTomorrow', 'hard-bounce', 'hard-bounce'),
  hard('Transient/MessageTooLarge', 'message-too-large'),
  hard('Transient/ContentRejected', 'content-rejected'),
  hard('Transient/AttachmentRejected', 'attachment-rejected'),
  soft('Transient/General', 'soft-bounce'),
  soft('Transient/MailboxFull', 'mailbox-full'),
  soft('Transient/CustomTimeoutExceeded', 'expired'),
  soft('Undetermined/Undetermined', 'soft-bounce'),
]

describe('what SES tells of a mail', () => {
  let world: MailWorld
  let tenant: WorldTenant
  beforeAll(async () => {
    world = await openMailWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addMailTenant()
  })

  const shown = async (message: { readonly chatId: string; readonly messageId: string }) => {
    const { status, reason } = await messageOf(world, tenant, message)
    return reason === undefined ? status : `${status}(${reason})`
  }
  const statusesOf = async ({ providerMessageId }: { readonly providerMessageId: string }) => {
    const { rows } = await world.owner.query(
      `select status, message_id is null as waits from message_status
       where provider_message_id = $1 order by status`,
      [providerMessageId],
    )
    return rows.map(({ status, waits }) => (waits ? `${status} waits` : status))
  }
  const parkedReasons = async () => {
    const { rows } = await world.owner.query(
      'select tenant_id::text as tenant, reason from parked_items order by parked_item_id',
    )
    return rows.map((row) => `${row.tenant}:${row.reason}`)
  }

  /** Every row of the bounce table (facts: SES §6.4): alone, after and before a delivery. */
  it.each(bounceRows)(
    '$told is $alone, suppresses $cause, and beside a delivery $after',
    async ({ told, alone, cause, after }) => {
      const bounce = told.split('/') as [string, string]
      const mails = [await sendMail(world, tenant), await sendMail(world, tenant)] as const
      const [first, second] = mails
      await world.tell(hasBounced(first, bounce))
      expect(await shown(first)).toBe(alone)
      expect((await suppressionOf(world, tenant, first.address))?.reason).toBe(cause)
      await world.tell(wasDelivered(first))
      await world.tell(wasDelivered(second), enveloped(hasBounced(second, bounce)))
      expect([await shown(first), await shown(second)]).toEqual([after, after])
    },
  )

  it('changes no status with a complaint, an open, a click or a delay', async () => {
    const mail = await sendMail(world, tenant)
    await world.tell(wasSent(mail), wasDelivered(mail))
    const others = [hasComplained(mail), wasOpened(mail), wasClicked(mail), wasDelayed(mail)]
    expect(await world.tell(...others)).toMatchObject({ notices: 4, noticesStored: 4 })
    expect(await shown(mail)).toBe('DELIVERED')
    expect(await statusesOf(mail)).toEqual([
      ...['CLICKED', 'COMPLAINED', 'DELAYED', 'DELIVERED', 'OPENED', 'SENT'],
    ])
    expect(await world.tell(...others)).toMatchObject({ notices: 4, noticesStored: 0 })
    expect(await suppressionOf(world, tenant, mail.address)).toMatchObject({
      ...{ reason: 'complaint', source: 'provider', address: mail.address },
      ...{ clientId: undefined, expiresAt: undefined },
    })
  })

  it('says nothing against whoever says that it is no spam', async () => {
    const mail = await sendMail(world, tenant)
    await world.tell(hasComplained(mail, 'not-spam'))
    expect(await suppressionOf(world, tenant, mail.address)).toBeUndefined()
    await world.tell(hasComplained(mail))
    expect(await suppressionOf(world, tenant, mail.address)).toMatchObject({ reason: 'complaint' })
  })

  it('keeps the first time of what happens often', async () => {
    const mail = await sendMail(world, tenant)
    const times = ['2026-11-23T13:00:00Z', '2026-11-23T12:30:00Z', '2026-11-23T14:00:00Z']
    for (const time of times) await world.tell(wasOpened(mail, time))
    const { rows } = await world.owner.query(
      `select iso_utc(occurred_at) as at from message_status where provider_message_id = $1`,
      [mail.providerMessageId],
    )
    expect(rows).toEqual([{ at: '2026-11-23T12:30:00.000Z' }])
  })

  it('proves by the attempt id that a mail went whose answer was lost', async () => {
    const address = freshAddress()
    const chatId = await openMailChat(world, tenant, address)
    const posted = acceptedOf(await postMail(world, tenant, { chatId }))
    const { attemptId, ...claimed } = await claimOne(world, posted)
    await settle(world, { attemptId, ...claimed }, { outcome: 'UNKNOWN', reason: 'timeout' })
    const mail = { ...posted, chatId, address, attemptId, providerMessageId: fresh('0103') }
    expect(await shown(mail)).toBe('UNKNOWN(timeout)')
    await world.tell(hasBounced(mail, hardly))
    expect(await shown(mail)).toBe('FAILED(hard-bounce)')
    expect(await suppressionOf(world, tenant, address)).toMatchObject({ reason: 'hard-bounce' })
  })

  it('waits for its mail when it names no attempt, and then says all it has to say', async () => {
    const address = freshAddress()
    const chatId = await openMailChat(world, tenant, address)
    const posted = acceptedOf(await postMail(world, tenant, { chatId }))
    const claimed = await claimOne(world, posted)
    const { attemptId } = claimed
    const mail = { ...posted, chatId, address, attemptId, providerMessageId: fresh('0103') }
    const of = { tags: { tenant_id: [tenant.tenantId] } }
    await world.tell(wasDelivered(mail, { of }), hasBounced(mail, hardly, { of }))
    expect(await statusesOf(mail)).toEqual(['DELIVERED waits', 'HARD_FAILED waits'])
    expect(await suppressionOf(world, tenant, address)).toBeUndefined()
    await settle(world, claimed, acceptedAs(mail.providerMessageId))
    expect(await shown(mail)).toBe('FAILED(hard-bounce)')
    expect(await suppressionOf(world, tenant, address)).toMatchObject({ reason: 'hard-bounce' })
  })

  it("touches no other tenant's mail, whatever its tags say", async () => {
    const mail = await sendMail(world, tenant)
    const other = await world.addMailTenant()
    const stranger = { ...mail, tenantId: other.tenantId }
    const renamed = { ...stranger, providerMessageId: fresh('0103') }
    await world.tell(hasBounced(stranger, hardly), hasBounced(renamed, hardly))
    expect(await shown(mail)).toBe('SENT')
    expect(await statusesOf(renamed)).toEqual(['HARD_FAILED waits'])
    for (const owner of [tenant, other]) {
      expect(await suppressionOf(world, owner, mail.address)).toBeUndefined()
    }
  })

  it('is parked when it cannot be read or routed, and dropped when it says nothing', async () => {
    const mail = await sendMail(world, tenant)
    const { mail: _, ...headless } = wasDelivered(mail)
    const outcome = await world.tell(
      wasDelivered(mail),
      'Successfully validated SNS topic for Amazon SES event publishing.',
      headless,
      { ...wasDelivered(mail), eventType: 'Invented' },
      wasDelivered(mail, { of: { tags: {} } }),
      wasDelivered(mail, { of: { tags: { tenant_id: ['999999'] } } }),
      wasDelivered(mail, { of: { tags: { tenant_id: ['x'] } } }),
    )
    expect(outcome).toMatchObject({ notices: 7, noticesStored: 1, parkedStored: 5 })
    expect(await parkedReasons()).toEqual(
      expect.arrayContaining([
        ...['0:malformed', '0:unknown-type', '0:tenant-unknown', '0:tenant-unknown'],
      ]),
    )
  })

  it('is parked, and operators are told once a batch, when another topic brought it', async () => {
    const mail = await sendMail(world, tenant)
    const told = world.raised.length
    const TopicArn = 'arn:aws:sns:sa-east-1:111122223333:of-somebody-else'
    const foreign = { ...enveloped(hasBounced(mail, hardly)), TopicArn }
    const another = { ...enveloped(wasDelivered(mail)), TopicArn }
    const outcome = await world.tell(foreign, another, wasSent(mail))
    expect(outcome).toMatchObject({ notices: 3, noticesStored: 1, parkedStored: 2 })
    expect(await shown(mail)).toBe('SENT')
    expect(await suppressionOf(world, tenant, mail.address)).toBeUndefined()
    expect(await parkedReasons()).toContain('0:topic-unknown')
    expect(world.raised.slice(told).map(({ name }) => name)).toEqual(['SenderUnknown'])
  })

  it('is parked alone when the database refuses it; the other 999 are applied', async () => {
    const mails = [await sendMail(world, tenant), await sendMail(world, tenant)]
    const told = Array.from({ length: 999 }, (_, index) => {
      const mail = mails[index % 2] as (typeof mails)[number]
      return index < 2
        ? wasDelivered(mail)
        : wasDelivered({ ...mail, providerMessageId: fresh('x') })
    })
    const [first] = mails as [(typeof mails)[number]]
    const bad = wasDelivered(first, { at: '0000-01-01T00:00:00Z' })
    world.endpoint.resetCalls()
    const outcome = await world.tell(...told.slice(0, 617), bad, ...told.slice(617))
    expect(outcome).toMatchObject({ notices: 1000, parkedStored: 1 })
    expect(await shown(first)).toBe('DELIVERED')
    const calls = world.endpoint.calls().filter(({ sql }) => sql.includes('apply_mail_notices'))
    expect(calls.length).toBeLessThanOrEqual(22)
    expect(await parkedReasons()).toContain(`${tenant.tenantId}:refused-22008`)
    // Whose it is: an erasure finds it by the address.
    const { rows } = await world.owner.query(
      `select count(*)::integer as known from parked_items p
       join contact_identities i on i.tenant_id = p.tenant_id and p.authors = array[i.value_hash]
       where p.tenant_id = $1 and p.reason = 'refused-22008'`,
      [tenant.tenantId],
    )
    expect(rows).toEqual([{ known: 1 }])
  })

  it('takes one database call for a batch', async () => {
    const mails = await Promise.all(Array.from({ length: 5 }, () => sendMail(world, tenant)))
    await world.tell(wasSent(mails[0] as (typeof mails)[number]))
    world.endpoint.resetCalls()
    await world.tell(
      ...mails.flatMap((mail) => [wasSent(mail), wasDelivered(mail), hasBounced(mail, softly)]),
      ...mails.map((mail) => hasBounced(mail, hardly)),
      'no JSON',
      '{}',
    )
    // The leaping clock of tests makes the directory load anew; a warm function keeps it.
    const calls = world.endpoint.calls().filter(({ sql }) => !sql.includes("'kind', 'tenant'"))
    expect(calls).toHaveLength(1)
    expect(world.signalled).toContain(tenant.tenantId)
  })
})
