import { deliveryTtlSeconds } from '../../domain/content.ts'
import { providerMessageIdOf } from '../../domain/email-thread.ts'
import { objectKey } from '../../domain/media.ts'
import type {
  AttachedMedia,
  MailSource,
  MailStore,
  ParkedMail,
  RoutedMail,
} from '../../ports/mail-store.ts'
import type { TenantSealer } from '../../ports/sealer.ts'
import { authorsInput } from './author-cells.ts'
import type { DataApi } from './data-api.ts'
import type { EventParts } from './event-inputs.ts'
import { refuseItem } from './item-refusal.ts'
import { parkedInput } from './kept-inputs.ts'
import { sealMediaCell } from './media-cells.ts'
import { base64, sealContent, sealIdentity, sealMetadata } from './sealed-cells.ts'
import { toWake } from './task-store.ts'

/** The road of inbound mails in PostgreSQL: a mail is one call of `store_mails_v1`. */
export function makeMailStore(parts: EventParts & { readonly database: DataApi }): MailStore {
  return {
    store: async ({ mails, parked }) => {
      const input = {
        mails: await Promise.all(mails.map((mail) => mailInput(parts, mail))),
        parked: await Promise.all(parked.map((mail) => parkedMailInput(parts, mail))),
      }
      const rows = await parts.database
        .query('select * from store_mails_v1(:input::jsonb)', { input: JSON.stringify(input) })
        .catch(refuseItem)
      const count = (outcome: string) => rows.filter((row) => row.outcome === outcome).length
      return {
        stored: count('stored'),
        copies: count('copy'),
        parked: count('parked'),
        wakes: rows.filter((row) => row.type !== null).map(toWake),
      }
    },
  }
}

async function parkedMailInput(parts: EventParts, mail: ParkedMail): Promise<unknown> {
  const { source, authors } = mail
  return {
    ...(await parkedAs(parts, mail)),
    ...(authors !== undefined && typeof source !== 'string' && rawMailInput(source)),
  }
}

function rawMailInput({ objectKey, receipt: { occurredAt } }: MailSource) {
  return { objectKey, occurredAt }
}

function parkedAs(parts: EventParts, { source, ...mail }: ParkedMail) {
  return parkedInput(parts, { ...mail, channel: 'EMAIL', raw: source })
}

async function mailInput(parts: EventParts, mail: RoutedMail): Promise<unknown> {
  const { tenantId, source, trust } = mail
  const sealer = await parts.sealer.forTenant(tenantId)
  const rowToken = parts.randomness.uuid()
  return {
    tenantId,
    senderId: mail.senderId,
    channel: 'EMAIL',
    providerMessageId: source.receipt.sesMessageId,
    mailId: mail.mailId,
    tokens: mail.tokens,
    ids: mail.answers.map((header) => ({ header, provider: providerMessageIdOf(header) })),
    ...authorInput(parts, sealer, mail),
    isProven: trust.isProven,
    isUnverified: trust.isUnverified,
    guard: trust.guard,
    automatic: mail.automatic,
    ...rawMailInput(source),
    authors: await authorsInput(parts.sealer, tenantId, mail.authors),
    contentType: mail.content.type,
    content: sealContent(sealer, mail.content, rowToken),
    metadata: sealMetadata(sealer, mail.metadata, rowToken),
    rowToken,
    files: mail.files.map((file) => fileInput(parts, { sealer, tenantId }, file)),
    optOut: optOutInput(parts, sealer, mail),
    // The database tells whether, and for what reason.
    parkedAs: await parkedAs(parts, { tenantId, reason: 'mail', source }),
  }
}

function authorInput({ randomness }: EventParts, sealer: TenantSealer, { from }: RoutedMail) {
  const nameToken = randomness.uuid()
  const cell = { table: 'persons', column: 'name', rowToken: nameToken }
  const identity = from && { kind: 'email' as const, value: from.address }
  return {
    identities:
      identity === undefined
        ? []
        : [sealIdentity(sealer, { ...identity, rowToken: randomness.uuid() })],
    name: from?.name && base64(sealer.seal(cell, from.name)),
    nameToken,
  }
}

function fileInput(
  { randomness }: EventParts,
  { sealer, tenantId }: { readonly sealer: TenantSealer; readonly tenantId: string },
  { filename, sha256, ...file }: AttachedMedia,
) {
  const rowToken = randomness.uuid()
  return {
    ...file,
    objectKey: objectKey(tenantId, file.mediaId),
    sha256: base64(sha256),
    filename: base64(sealMediaCell(sealer, { column: 'filename', rowToken }, filename)),
    rowToken,
  }
}

function optOutInput(
  { randomness, waits }: EventParts,
  sealer: TenantSealer,
  { optOut }: RoutedMail,
) {
  const confirmation = optOut?.confirmation
  if (optOut === undefined || confirmation === undefined) return optOut
  const rowToken = randomness.uuid()
  const { deliveryTtlSeconds: ttl, deliveryGraceSeconds, horizonSeconds } = waits
  return {
    word: optOut.word,
    confirmation: {
      contentType: confirmation.type,
      content: sealContent(sealer, confirmation, rowToken),
      rowToken,
      horizonSeconds,
      reportTtlSeconds: deliveryTtlSeconds(confirmation, ttl) + deliveryGraceSeconds,
    },
  }
}
