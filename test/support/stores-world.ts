import type { Channel } from '#shared/domain/channel.ts'
import type { InboundEvent, ReportedStatus, StatusEvent } from '#shared/domain/channel-event.ts'
import type { Chat, ChatFilter, ChatStatus } from '#shared/domain/chat.ts'
import type { MessageContent } from '#shared/domain/content.ts'
import type { Durations } from '#shared/domain/durations.ts'
import type { Message } from '#shared/domain/message.ts'
import type { Contact } from '#shared/domain/person.ts'
import type { Settlement } from '#shared/domain/settlement.ts'
import type { ChatStore } from '#shared/ports/chat-store.ts'
import type { EventStore, RoutedEvent, RoutedInbound } from '#shared/ports/event-store.ts'
import type {
  AcceptAnswer,
  AcceptMessage,
  ClaimedSend,
  MessageStore,
  SendReference,
} from '#shared/ports/message-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import type { TaskStore } from '#shared/ports/task-store.ts'

/** A tenant with one client and, unless it was asked to have none, one default WhatsApp sender. */
export interface WorldTenant {
  readonly tenantId: string
  readonly clientId: string
  readonly senderId: string
  readonly sender: { readonly phoneNumberId: string; readonly wabaId: string }
}

/** What the stores' contract suites run on: the four stores over the same rows. */
export interface StoreWorld {
  readonly messages: MessageStore
  readonly chats: ChatStore
  readonly events: EventStore
  readonly tasks: TaskStore
  readonly waits: Durations
  addTenant(options?: {
    readonly hasSender?: boolean
    readonly senderRatePerSecond?: number
    /** Default: left to the provider; most tests write to people who never wrote. */
    readonly serviceWindow?: 'enforced'
  }): Promise<WorldTenant>
  addClient(
    tenantId: string,
    limits?: { readonly ratePerSecond: number; readonly burst: number },
  ): Promise<string>
  disableClient(tenantId: string, clientId: string): Promise<void>
  /** As the person's word, now. */
  optOut(
    tenantId: string,
    chatId: string,
    optOut: { readonly category: 'ALL' | 'MARKETING'; readonly restored?: boolean },
  ): Promise<void>
  setChatStatus(tenantId: string, chatId: string, status: ChatStatus): Promise<void>
  setReopenDays(tenantId: string, days: number): Promise<void>
  /** Time goes by for everything that is stored. */
  pass(seconds: number): Promise<void>
  close(): Promise<void>
}

export type OpenWorld = () => Promise<StoreWorld>

/** Seconds of the rules that tests speak of. */
export const day = 86_400

let issued = 0
/** Unlike any other of this process. */
export function fresh(prefix: string): string {
  issued += 1
  return `${prefix}-${process.pid}-${issued}`
}

/** A Brazilian mobile that nobody else has. */
export function freshPhone(): string {
  issued += 1
  return `+55119${String(80_000_000 + issued)}`
}

export const whatsapp = (address: string): Contact => ({ channel: 'WHATSAPP', address })
export const text = (said: string): MessageContent => ({ type: 'text', text: said })

/** Opens a chat of a new person. Throws when it is refused. */
export async function openChat(
  world: StoreWorld,
  tenant: WorldTenant,
  options: { readonly contacts?: readonly Contact[]; readonly externalId?: string } = {},
): Promise<Chat> {
  const answer = await world.chats.open({
    tenantId: tenant.tenantId,
    clientId: tenant.clientId,
    request: { route: 'POST /chats', key: fresh('open'), body: '{}' },
    externalId: options.externalId ?? fresh('person'),
    name: 'Ana Lima',
    contacts: options.contacts ?? [whatsapp(freshPhone())],
  })
  if (answer.outcome === 'refused') throw new Error(`not opened: ${answer.code}`)
  return answer.chat
}

type Wish = Partial<Omit<AcceptMessage, 'tenantId' | 'chatId'>>

/** A command that is accepted as it stands. */
export function wish(tenant: WorldTenant, chatId: string, more: Wish = {}): AcceptMessage {
  return {
    tenantId: tenant.tenantId,
    clientId: tenant.clientId,
    chatId,
    request: { route: 'POST /chats/{chatId}/messages', key: fresh('key'), body: '{}' },
    channel: 'WHATSAPP',
    content: text('Olá'),
    ...more,
  }
}

export interface Accepted extends SendReference {
  readonly messageId: string
  readonly chatId: string
}

/** Accepts a message that is due soon. Throws when it is refused. */
export async function accept(
  world: StoreWorld,
  tenant: WorldTenant,
  { chatId, ...more }: Wish & { readonly chatId: string },
): Promise<Accepted> {
  const answer = await world.messages.accept(wish(tenant, chatId, more))
  return { ...acceptedOf(answer), chatId }
}

export function acceptedOf(answer: AcceptAnswer): SendReference & { messageId: string } {
  if (answer.outcome === 'refused') throw new Error(`not accepted: ${answer.code}`)
  if (answer.wake === undefined) throw new Error('accepted without a wake-up')
  const { tenantId, taskId } = answer.wake
  return { tenantId, taskId, messageId: answer.messageId }
}

/** Claims these tasks with a new token; what may go comes back in the order it must go. */
export async function claim(
  world: StoreWorld,
  ...sends: readonly SendReference[]
): Promise<readonly ClaimedSend[]> {
  const claimed = await world.messages.claim(claimOf(...sends))
  return claimed.sends
}

export function claimOf(...sends: readonly SendReference[]) {
  return {
    claimToken: crypto.randomUUID(),
    sends: sends.map(({ tenantId, taskId }) => ({
      tenantId,
      taskId,
      attemptId: crypto.randomUUID(),
    })),
  }
}

/** Claims one task. Throws when it may not go. */
export async function claimOne(world: StoreWorld, send: SendReference): Promise<ClaimedSend> {
  const [claimed] = await claim(world, send)
  if (claimed === undefined) throw new Error(`task ${send.taskId} was not claimed`)
  return claimed
}

/** Settles one send; answers whom to wake. */
export async function settle(
  world: StoreWorld,
  { tenantId, taskId, attemptId, fence }: ClaimedSend,
  settlement: Settlement,
): Promise<readonly Wake[]> {
  const settled = await world.messages.settle([{ tenantId, taskId, attemptId, fence, settlement }])
  return settled.wakes
}

/** Ends the wait of one status check; answers whom to wake. */
export async function endWait(world: StoreWorld, check: SendReference): Promise<readonly Wake[]> {
  return (await world.tasks.checkStatuses([check])).wakes
}

export const acceptedAs = (providerMessageId: string): Settlement => ({
  outcome: 'ACCEPTED',
  providerMessageId,
})

/** Accepts, claims and settles: a message the provider took, with its id there. */
export async function send(world: StoreWorld, tenant: WorldTenant, chatId: string) {
  const message = await accept(world, tenant, { chatId })
  const claimed = await claimOne(world, message)
  const wamid = fresh('wamid')
  await settle(world, claimed, acceptedAs(wamid))
  return { ...message, wamid, attemptId: claimed.attemptId }
}

export async function thread(
  world: StoreWorld,
  tenant: WorldTenant,
  chatId: string,
): Promise<readonly Message[]> {
  const page = await world.chats.messages(tenant, chatId, {
    limit: 100,
    cursor: undefined,
    order: 'asc',
  })
  if (page === undefined) throw new Error(`there is no chat ${chatId}`)
  return page.items
}

export async function messageOf(
  world: StoreWorld,
  tenant: WorldTenant,
  { chatId, messageId }: { readonly chatId: string; readonly messageId: string },
): Promise<Message> {
  const found = (await thread(world, tenant, chatId)).find((each) => each.messageId === messageId)
  if (found === undefined) throw new Error(`there is no message ${messageId}`)
  return found
}

interface ReportWish {
  readonly wamid: string
  readonly status: ReportedStatus
  readonly attemptId?: string
  readonly occurredAt?: string
  readonly failure?: StatusEvent['failure']
  readonly pricing?: StatusEvent['pricing']
}

export function report(tenant: WorldTenant, wanted: ReportWish): RoutedEvent {
  const { wamid, status, attemptId, occurredAt, failure, pricing } = wanted
  return {
    tenantId: tenant.tenantId,
    senderId: tenant.senderId,
    event: {
      kind: 'status',
      channel: 'WHATSAPP',
      sender: tenant.sender,
      providerMessageId: wamid,
      status,
      occurredAt: occurredAt ?? new Date().toISOString(),
      ...(attemptId !== undefined && { attemptId }),
      ...(failure !== undefined && { failure }),
      ...(pricing !== undefined && { pricing }),
    },
  }
}

interface InboundWish {
  readonly phone?: string
  readonly userId?: string
  readonly name?: string
  readonly wamid?: string
  readonly content?: MessageContent
  readonly replyTo?: string
  readonly occurredAt?: string
  readonly channel?: Channel
  readonly more?: Partial<InboundEvent>
  readonly optOut?: RoutedInbound['optOut']
}

export function inbound(tenant: WorldTenant, wanted: InboundWish): RoutedInbound {
  const { phone, userId, name, replyTo, optOut } = wanted
  return {
    tenantId: tenant.tenantId,
    senderId: tenant.senderId,
    ...(optOut !== undefined && { optOut }),
    event: {
      kind: 'inbound',
      channel: wanted.channel ?? 'WHATSAPP',
      sender: tenant.sender,
      providerMessageId: wanted.wamid ?? fresh('wamid'),
      from: {
        ...(phone !== undefined && { waId: phone.slice(1) }),
        ...(userId !== undefined && { userId }),
        ...(name !== undefined && { name }),
      },
      occurredAt: wanted.occurredAt ?? new Date().toISOString(),
      content: wanted.content ?? text('Oi'),
      ...(replyTo !== undefined && { replyTo }),
      ...wanted.more,
    },
  }
}

export function apply(world: StoreWorld, ...events: readonly RoutedEvent[]) {
  return world.events.apply({ events, parked: [] })
}

/** All chats of a tenant, page by page. */
export function allChats(world: StoreWorld, tenant: WorldTenant, limit = 100) {
  return chatsWith(world, tenant, { limit, filter: {} })
}

/** The chats of a tenant that a filter finds, page by page. */
export async function chatsWith(
  world: StoreWorld,
  tenant: WorldTenant,
  { limit, filter }: { readonly limit: number; readonly filter: ChatFilter },
): Promise<readonly Chat[]> {
  const chats: Chat[] = []
  let cursor: string | undefined
  do {
    const page = await world.chats.list(tenant, { limit, cursor, filter })
    chats.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return chats
}
