import type { InboundFile, PersonAddress } from '../../domain/channel-event.ts'
import { deliveryTtlSeconds, type MessageContent } from '../../domain/content.ts'
import type { Durations } from '../../domain/durations.ts'
import type {
  RoutedEcho,
  RoutedInbound,
  RoutedPreference,
  RoutedReport,
} from '../../ports/event-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer, TenantSealer, TransitSealer } from '../../ports/sealer.ts'
import {
  base64,
  type SealedIdentity,
  sealContent,
  sealIdentity,
  sealMetadata,
} from './sealed-cells.ts'

export interface EventParts {
  readonly sealer: Sealer
  readonly transit: TransitSealer
  readonly randomness: Randomness
  readonly waits: Durations
}

/** A part of an input is sealed with these. */
interface Seals {
  readonly sealer: TenantSealer
  readonly randomness: Randomness
  readonly waits: Durations
}

/** A message of `apply_channel_events_v2`, in either direction. */
export async function messageInput(
  parts: EventParts,
  routed: RoutedInbound | RoutedEcho,
): Promise<unknown> {
  const { tenantId, senderId, event } = routed
  const seals = { ...parts, sealer: await parts.sealer.forTenant(tenantId) }
  const { metadata } = event
  const { rowToken, ...content } = contentCells(seals, event.content)
  return {
    tenantId,
    senderId,
    channel: event.channel,
    providerMessageId: event.providerMessageId,
    occurredAt: event.occurredAt,
    ...content,
    rowToken,
    metadata: metadata && sealMetadata(seals.sealer, metadata, rowToken),
    replyTo: event.replyTo,
    file: event.file && fileCells(seals, event.file),
    ...(isEcho(routed) ? echoOnly(seals, routed) : inboundOnly(seals, routed)),
  }
}

function isEcho(routed: RoutedInbound | RoutedEcho): routed is RoutedEcho {
  return routed.event.kind === 'echo'
}

function echoOnly(seals: Seals, { event }: RoutedEcho) {
  return {
    direction: 'OUTBOUND',
    identities: identitiesOf(seals, event.to),
    nameToken: seals.randomness.uuid(),
    attemptId: seals.randomness.uuid(),
  }
}

function inboundOnly(seals: Seals, { event, optOut }: RoutedInbound) {
  const { from, nowKnownAs, amends } = event
  const nameToken = seals.randomness.uuid()
  const nameCell = { table: 'persons', column: 'name', rowToken: nameToken }
  const newIdentities = nowKnownAs && identitiesOf(seals, nowKnownAs)
  return {
    direction: 'INBOUND',
    identities: [...identitiesOf(seals, from), ...(newIdentities ?? [])],
    newIdentities,
    name: from.name && base64(seals.sealer.seal(nameCell, from.name)),
    nameToken,
    amends: amends && {
      kind: amends.kind,
      providerMessageId: amends.providerMessageId,
      ...(amends.kind === 'edit' && {
        ...contentCells(seals, amends.content),
        file: amends.file && fileCells(seals, amends.file),
      }),
    },
    optOut: optOut && {
      word: optOut.word,
      confirmation: optOut.confirmation && confirmationCells(seals, optOut.confirmation),
    },
  }
}

function contentCells({ sealer, randomness }: Seals, content: MessageContent) {
  const rowToken = randomness.uuid()
  return { contentType: content.type, content: sealContent(sealer, content, rowToken), rowToken }
}

function confirmationCells(seals: Seals, text: string) {
  const content: MessageContent = { type: 'text', text }
  const { deliveryTtlSeconds: ttl, deliveryGraceSeconds, horizonSeconds } = seals.waits
  return {
    ...contentCells(seals, content),
    horizonSeconds,
    reportTtlSeconds: deliveryTtlSeconds(content, ttl) + deliveryGraceSeconds,
  }
}

function fileCells({ sealer, randomness }: Seals, file: InboundFile) {
  const rowToken = randomness.uuid()
  const seal = (column: string, value: string) =>
    base64(sealer.seal({ table: 'media', column, rowToken }, value))
  return {
    mediaId: file.mediaId,
    kind: file.kind,
    mimeType: file.mimeType,
    sha256: file.sha256,
    filename: file.filename && seal('filename', file.filename),
    providerMediaId: seal('provider_media_id', file.providerMediaId),
    rowToken,
  }
}

function identitiesOf(
  { sealer, randomness }: Pick<Seals, 'sealer' | 'randomness'>,
  { waId, userId, parentUserId }: PersonAddress,
): SealedIdentity[] {
  const known = [
    { kind: 'phone', value: waId && `+${waId}` },
    { kind: 'user-id', value: userId },
    { kind: 'parent-user-id', value: parentUserId },
  ] as const
  return known.flatMap(({ kind, value }) =>
    value ? [sealIdentity(sealer, { kind, value, rowToken: randomness.uuid() })] : [],
  )
}

export async function preferenceInput(
  parts: EventParts,
  { tenantId, event }: RoutedPreference,
): Promise<unknown> {
  const sealer = await parts.sealer.forTenant(tenantId)
  return {
    tenantId,
    channel: event.channel,
    identities: identitiesOf({ ...parts, sealer }, event.person),
    wants: event.wants,
    occurredAt: event.occurredAt,
  }
}

export async function reportInput(
  parts: EventParts,
  { tenantId, event }: RoutedReport,
): Promise<unknown> {
  const sealer = await parts.sealer.forTenant(tenantId)
  const rowToken = parts.randomness.uuid()
  const { failure } = event
  const cell = { table: 'message_status', column: 'detail', rowToken }
  return {
    tenantId,
    channel: event.channel,
    providerMessageId: event.providerMessageId,
    status: event.status,
    occurredAt: event.occurredAt,
    attemptId: event.attemptId,
    pricing: event.pricing,
    reason: failure?.reason ?? (event.status === 'FAILED' ? 'unknown-error' : undefined),
    code: failure?.code,
    // The provider's own words may quote the recipient.
    detail:
      failure &&
      base64(sealer.seal(cell, JSON.stringify({ title: failure.title, detail: failure.detail }))),
    rowToken,
  }
}
