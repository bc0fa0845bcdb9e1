import type { Channel } from '../../domain/channel.ts'
import type { MessageContent } from '../../domain/content.ts'
import type { MessageMetadata } from '../../domain/message-metadata.ts'
import { canonicalPhone, otherSpelling } from '../../domain/phone.ts'
import type { TenantSealer } from '../../ports/sealer.ts'

export type IdentityKind = 'phone' | 'user-id' | 'parent-user-id' | 'email'

/** An identity as the SQL functions take it: found by keyed hash, kept sealed. */
export interface SealedIdentity {
  readonly kind: IdentityKind
  readonly hash: string
  readonly value: string
  readonly rowToken: string
  /** The number has another spelling that may be the one to dial. */
  readonly hasVariant: boolean
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

export function fromBase64(text: string): Uint8Array {
  return Buffer.from(text, 'base64')
}

/** Purposes keep hashes of different kinds of values apart. */
export function identityHash(sealer: TenantSealer, kind: IdentityKind, value: string): string {
  return base64(sealer.hash(`identity:${kind}`, canonical(kind, value)))
}

function canonical(kind: IdentityKind, value: string): string {
  if (kind === 'phone') return canonicalPhone(value)
  return kind === 'email' ? value.toLowerCase() : value
}

export function sealIdentity(
  sealer: TenantSealer,
  { kind, value, rowToken }: { kind: IdentityKind; value: string; rowToken: string },
): SealedIdentity {
  return {
    kind,
    hash: identityHash(sealer, kind, value),
    value: base64(sealer.seal({ table: 'contact_identities', column: 'value', rowToken }, value)),
    rowToken,
    hasVariant: kind === 'phone' && otherSpelling(value) !== undefined,
  }
}

export function openIdentity(sealer: TenantSealer, sealed: Uint8Array, rowToken: string): string {
  return sealer.open({ table: 'contact_identities', column: 'value', rowToken }, sealed)
}

/** What an address given for a channel is called among the identities. */
export function identityKindOf(channel: Channel): IdentityKind {
  return channel === 'EMAIL' ? 'email' : 'phone'
}

export function sealContent(
  sealer: TenantSealer,
  content: MessageContent,
  rowToken: string,
): string {
  return base64(
    sealer.seal({ table: 'chat_messages', column: 'content', rowToken }, JSON.stringify(content)),
  )
}

export function openContent(
  sealer: TenantSealer,
  sealed: Uint8Array,
  rowToken: string,
): MessageContent {
  const cell = { table: 'chat_messages', column: 'content', rowToken }
  return JSON.parse(sealer.open(cell, sealed)) as MessageContent
}

export function sealMetadata(
  sealer: TenantSealer,
  metadata: MessageMetadata,
  rowToken: string,
): string {
  return base64(sealer.seal(metadataCell(rowToken), JSON.stringify(metadata)))
}

export function openMetadata(
  sealer: TenantSealer,
  sealed: Uint8Array,
  rowToken: string,
): MessageMetadata {
  return JSON.parse(sealer.open(metadataCell(rowToken), sealed)) as MessageMetadata
}

function metadataCell(rowToken: string) {
  return { table: 'chat_messages', column: 'metadata', rowToken }
}
