import type { AccountEvent } from '../domain/account-event.ts'
import type { Author } from '../domain/author.ts'
import type { ChannelEvent, InboundEvent } from '../domain/channel-event.ts'
import { deploymentTenantId } from '../domain/deployment.ts'
import { optOutConfirmation, optOutWord } from '../domain/opt-out.ts'
import type { Directory, Tenant } from '../ports/directory.ts'
import type { ParkedItem, RoutedEvent, RoutedInbound, RoutedNews } from '../ports/event-store.ts'

/** No message of a person is that large, and a call takes 4 MiB in base64: its beginning is kept. */
const mostItemLength = 500_000

/** One item with what is to be stored of it: one of the three. */
export interface RoutedItem {
  readonly raw: unknown
  readonly routed: RoutedEvent | undefined
  readonly news: readonly RoutedNews[]
  readonly parked: ParkedItem | undefined
}

export interface RouteParts {
  readonly directory: Directory
  readonly translate: (item: unknown) => ChannelEvent
  /** Who wrote an item or whom it is about, as far as it can be told. */
  readonly authorsOf: (item: unknown) => readonly Author[]
}

/** Translates an item and finds whose it is: by the number it came to, or by its account. */
export async function routeItem(parts: RouteParts, raw: unknown): Promise<RoutedItem> {
  const json = JSON.stringify(raw) ?? 'null'
  if (json.length > mostItemLength) {
    const beginning = json.slice(0, mostItemLength).toWellFormed()
    return parkedItem(beginning, 'too-large')
  }
  const event = parts.translate(raw)
  if (event.kind === 'account') return routeNews(parts.directory, raw, event)
  return routeEvent(parts, raw, event)
}

async function routeEvent(
  { directory, authorsOf }: RouteParts,
  raw: unknown,
  event: Exclude<ChannelEvent, AccountEvent>,
): Promise<RoutedItem> {
  const { sender, tenant } = (await ownerOf(directory, event.sender)) ?? {}
  if (event.kind === 'other') {
    const owner = sender && { tenantId: sender.tenantId, authors: authorsOf(raw) }
    return parkedItem(raw, event.reason, owner)
  }
  if (sender === undefined || tenant === undefined) return parkedItem(raw, 'sender-unknown')
  const { tenantId, senderId } = sender
  const routed: RoutedEvent =
    event.kind === 'inbound'
      ? { tenantId, senderId, event, ...optOutOf(event, tenant) }
      : ({ tenantId, senderId, event } as RoutedEvent)
  return { raw, routed, news: [], parked: undefined }
}

async function ownerOf(directory: Directory, { phoneNumberId, wabaId }: ChannelEvent['sender']) {
  if (phoneNumberId === undefined) return undefined
  const sender = await directory.whatsAppSender(phoneNumberId)
  if (sender === undefined || sender.wabaId !== wabaId) return undefined
  // A tenant whose keys are still being made cannot seal: its items wait, not everybody's.
  const tenant = await directory.tenant(sender.tenantId)
  return tenant && { sender, tenant }
}

function optOutOf(event: InboundEvent, tenant: Tenant): Pick<RoutedInbound, 'optOut'> {
  if (event.amends !== undefined || event.nowKnownAs !== undefined) return {}
  const word = optOutWord(event.content)
  if (word === undefined) return {}
  return { optOut: { word, confirmation: optOutConfirmation(word, tenant.optOutConfirmation) } }
}

async function routeNews(
  directory: Directory,
  raw: unknown,
  event: AccountEvent,
): Promise<RoutedItem> {
  const { phoneNumberId, wabaId } = event.sender
  const owner = phoneNumberId === undefined ? undefined : await ownerOf(directory, event.sender)
  const tenantIds =
    owner === undefined && wabaId !== undefined
      ? await directory.whatsAppAccountTenants(wabaId)
      : [owner?.sender.tenantId].filter((tenantId) => tenantId !== undefined)
  if (tenantIds.length === 0) return parkedItem(raw, 'sender-unknown')
  const news = tenantIds.map((tenantId) => ({ tenantId, event }))
  return { raw, routed: undefined, news, parked: undefined }
}

type Owner = Pick<ParkedItem, 'tenantId' | 'authors'>

function parkedItem(raw: unknown, reason: string, owner?: Owner): RoutedItem {
  return { raw, routed: undefined, news: [], parked: park(raw, reason, owner) }
}

export function park(
  raw: unknown,
  reason: string,
  { tenantId, authors = [] }: Owner = { tenantId: deploymentTenantId },
): ParkedItem {
  return { tenantId, channel: 'WHATSAPP', reason, raw, authors }
}
