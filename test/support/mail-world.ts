import { makeMailNoticeStore } from '#shared/adapters/database/mail-notice-store.ts'
import { makeSuppressionStore } from '#shared/adapters/database/suppression-store.ts'
import { noticesOfTopic } from '#shared/adapters/email/topic-notices.ts'
import { makeKmsDataKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { mailTopics } from '#shared/contracts/mail-topics.ts'
import type { EmailContent } from '#shared/domain/content.ts'
import type { AcceptAnswer } from '#shared/ports/message-store.ts'
import type { SuppressionStore } from '#shared/ports/suppression-store.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import {
  type MailNoticesOutcome,
  makeApplyMailNotices,
} from '#shared/use-cases/apply-mail-notices.ts'
import { mail } from '#test/fixtures/ses-notifications.ts'
import { openPostgresWorld, type PostgresWorld } from './stores.ts'
import {
  type Accepted,
  acceptedAs,
  acceptedOf,
  claimOne,
  fresh,
  openChat,
  settle,
  type WorldTenant,
  wish,
} from './stores-world.ts'

/** A mail that SES took. */
export interface SentMail extends Accepted {
  readonly tenantId: string
  readonly address: string
  readonly attemptId: string
  readonly providerMessageId: string
}

/** The stores in PostgreSQL, with tenants that send mails and a provider that tells of them. */
export interface MailWorld extends PostgresWorld {
  readonly suppressions: SuppressionStore
  /** Names of the alerts that were raised, with their tenant. */
  readonly raised: { readonly name: string; readonly tenantId: unknown }[]
  /** Tenants to whom something happened, as it was hinted. */
  readonly signalled: readonly string[]
  /** A tenant whose default senders are a number and a mail address. */
  addMailTenant(): Promise<WorldTenant>
  /** Bodies as a queue has them: what SES writes is put in an envelope, text stays. */
  tell(...bodies: readonly unknown[]): Promise<MailNoticesOutcome>
}

export async function openMailWorld(): Promise<MailWorld> {
  const world = await openPostgresWorld()
  const raised: MailWorld['raised'] = []
  const signalled: string[] = []
  const parts = { database: world.dataApi, sealer: world.sealer, randomness: systemRandomness }
  const transit = makeTransitSealer(makeKmsDataKeys(world.kmsClient, world.kms.keyArn), systemClock)
  const apply = makeApplyMailNotices({
    notices: makeMailNoticeStore({ ...parts, transit }),
    directory: world.directory,
    signal: {
      signal: async (tenantIds) => void signalled.push(...tenantIds),
      again: async () => undefined,
    },
    alerts: { raise: (name, { tenantId }) => raised.push({ name, tenantId }) },
  })
  return {
    ...world,
    suppressions: makeSuppressionStore(parts),
    raised,
    signalled,
    addMailTenant: async () => {
      const tenant = await world.addTenant()
      const senderId = await world.administration.addSender({
        tenantId: tenant.tenantId,
        channel: 'EMAIL',
        mail: {
          fromAddress: `${fresh('from')}@exemplo.com.br`,
          fromName: 'Exemplo',
          replyDomain: undefined,
          configurationSet: 'chat',
          unsubscribeUrl: undefined,
        },
        isDefault: true,
      })
      await world.owner.query('update senders set rate_per_second = 10000 where sender_id = $1', [
        senderId,
      ])
      return tenant
    },
    tell: (...bodies) =>
      apply(
        bodies.flatMap((told) => {
          const body = bodyOf(told)
          return readNotices(body).map((notice) => ({ body, notice }))
        }),
      ),
  }
}

const readNotices = noticesOfTopic(mailTopics.EMAIL_EVENT)

/** As a queue has it: what SES tells comes in SNS's envelope. */
function bodyOf(told: unknown): string {
  if (typeof told === 'string') return told
  const isEvent = typeof told === 'object' && told !== null && !('Type' in told)
  return JSON.stringify(isEvent ? enveloped(told) : told)
}

export const freshAddress = () => `${fresh('ana')}@cliente.com.br`

const letter = (category?: EmailContent['category']): EmailContent => ({
  type: 'email',
  subject: 'Sua fatura',
  text: 'Olá',
  ...(category !== undefined && { category }),
})

/** A chat with a person who has this address alone. */
export async function openMailChat(world: MailWorld, tenant: WorldTenant, address: string) {
  return (await openChat(world, tenant, { contacts: [{ channel: 'EMAIL', address }] })).chatId
}

interface MailWish {
  readonly chatId: string
  readonly category?: EmailContent['category']
  readonly sendAt?: string
}

export function postMail(
  world: MailWorld,
  tenant: WorldTenant,
  { chatId, category, ...more }: MailWish,
): Promise<AcceptAnswer> {
  return world.messages.accept(
    wish(tenant, chatId, { channel: 'EMAIL', content: letter(category), ...more }),
  )
}

/** Posts, claims and settles: a mail that SES took, to a new address unless one is given. */
export async function sendMail(
  world: MailWorld,
  tenant: WorldTenant,
  address = freshAddress(),
): Promise<SentMail> {
  const chatId = await openMailChat(world, tenant, address)
  return sendMailIn(world, tenant, { chatId, address })
}

export async function sendMailIn(
  world: MailWorld,
  tenant: WorldTenant,
  { chatId, address }: { readonly chatId: string; readonly address: string },
): Promise<SentMail> {
  const posted = acceptedOf(await postMail(world, tenant, { chatId }))
  const claimed = await claimOne(world, posted)
  const providerMessageId = fresh('0103')
  await settle(world, claimed, acceptedAs(providerMessageId))
  const { tenantId } = tenant
  return { ...posted, tenantId, chatId, address, attemptId: claimed.attemptId, providerMessageId }
}

interface Telling {
  readonly at?: string
  /** What is told of the mail, in place of what it has. */
  readonly of?: object
}

/** What SES writes about a mail, for a configuration set. */
function mailEvent(
  sent: SentMail,
  detail: { readonly eventType: string; readonly [kind: string]: unknown },
  of = {},
) {
  const { tenantId, attemptId, providerMessageId, address } = sent
  const tags = { attempt_id: [attemptId], tenant_id: [tenantId] }
  return {
    ...detail,
    mail: mail({ messageId: providerMessageId, destination: [address], tags, ...of }),
  }
}

const usualTime = '2026-11-23T12:00:02.500Z'

export const wasSent = (sent: SentMail) => mailEvent(sent, { eventType: 'Send', send: {} })

export const wasDelivered = (sent: SentMail, { at = usualTime, of = {} }: Telling = {}) =>
  mailEvent(
    sent,
    { eventType: 'Delivery', delivery: { timestamp: at, recipients: [sent.address] } },
    of,
  )

export const hasBounced = (
  sent: SentMail,
  [bounceType, bounceSubType]: readonly [string, string],
  { at = usualTime, of = {} }: Telling = {},
) =>
  mailEvent(
    sent,
    {
      eventType: 'Bounce',
      bounce: {
        ...{ bounceType, bounceSubType, timestamp: at },
        bouncedRecipients: [{ emailAddress: sent.address, diagnosticCode: 'smtp; 550 no' }],
      },
    },
    of,
  )

export const hardly = ['Permanent', 'NoEmail'] as const
export const softly = ['Transient', 'MailboxFull'] as const

export const hasComplained = (sent: SentMail, complaintFeedbackType = 'abuse') =>
  mailEvent(sent, {
    eventType: 'Complaint',
    complaint: {
      complainedRecipients: [{ emailAddress: sent.address }],
      ...{ complaintFeedbackType, timestamp: usualTime },
    },
  })

export const wasOpened = (sent: SentMail, at = usualTime) =>
  mailEvent(sent, { eventType: 'Open', open: { timestamp: at, userAgent: 'proxy' } })

export const wasClicked = (sent: SentMail) =>
  mailEvent(sent, {
    eventType: 'Click',
    click: { timestamp: usualTime, link: 'https://exemplo.com.br/2' },
  })

export const wasDelayed = (sent: SentMail) =>
  mailEvent(sent, {
    eventType: 'DeliveryDelay',
    deliveryDelay: {
      ...{ delayType: 'MailboxFull', timestamp: usualTime },
      delayedRecipients: [{ emailAddress: sent.address }],
    },
  })

/** The body that SNS puts on a queue without raw delivery. */
export const enveloped = (event: object) => ({
  Type: 'Notification',
  MessageId: crypto.randomUUID(),
  TopicArn: `arn:aws:sns:sa-east-1:111122223333:${mailTopics.EMAIL_EVENT}`,
  Message: JSON.stringify(event),
  Timestamp: usualTime,
})

/** The living suppression of an address. */
export async function suppressionOf(world: MailWorld, tenant: WorldTenant, address: string) {
  const page = await world.suppressions.list(tenant, {
    ...{ limit: 2, cursor: undefined },
    filter: { channel: 'EMAIL', address },
  })
  return page.items[0]
}
