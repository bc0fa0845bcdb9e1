import { setTimeout as pause } from 'node:timers/promises'
import type { Luck } from '../simulation/luck.ts'
import type { Campaign } from './campaign.ts'
import { externalIdOf, nameOf } from './cast.ts'
import type { Answer, Ledgers, Post } from './ledgers.ts'

export interface Chat {
  readonly chatId: string
  readonly token: string
  readonly phone: string
}

interface Road {
  readonly gateway: () => string
  readonly luck: Luck
}

const timeoutMs = 10_000
/** A client hangs up on this share of its calls, whatever became of them. */
const impatience = 0.03
const mostPatienceMs = 150

/** Opens chats of new persons, several at a time. Throws when one cannot be opened. */
export async function openChats(
  { gateway, luck }: Road,
  tokens: readonly string[],
  count: number,
): Promise<Chat[]> {
  const wanted = Array.from({ length: count }, (_, index) => ({
    phone: `+55119${98_000_000 + luck.fork(`phone ${index}`).upTo(99) + index * 100}`,
    token: tokens[index % 10 < 7 ? 0 : 1] ?? '',
  }))
  const opened: Chat[] = []
  const workers = Array.from({ length: 8 }, async () => {
    for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
      opened.push({ ...next, chatId: await openChat(gateway(), next) })
    }
  })
  await Promise.all(workers)
  return opened
}

async function openChat(
  api: string,
  { phone, token }: { phone: string; token: string },
): Promise<string> {
  const response = await fetch(`${api}/chats`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': `person-${phone}`,
    },
    body: JSON.stringify({
      person: { externalId: externalIdOf(phone), name: nameOf(phone) },
      contacts: [{ channel: 'WHATSAPP', address: phone }],
    }),
  })
  const { chatId } = (await response.json()) as { chatId?: string }
  if (chatId === undefined) throw new Error(`no chat for ${phone}: ${response.status}`)
  return chatId
}

/** The posts of a campaign, spread over its time and its chats. */
export function planPosts(campaign: Campaign, chats: readonly Chat[], luck: Luck): Post[] {
  const startedAtMs = Date.now()
  return Array.from({ length: campaign.outbound }, (_, index) => {
    const { chatId, token } = luck.pick(chats)
    const plannedMs = luck.upTo(campaign.spanSeconds * 1000)
    const sendAtMs = startedAtMs + plannedMs + luck.between(2, 20) * 1000
    return { key: `post-${index}`, chatId, token, plannedMs, body: bodyOf(index, sendAtMs, luck) }
  })
}

function bodyOf(index: number, sendAtMs: number, luck: Luck): string {
  const text = { type: 'text', text: `Olá, mensagem ${index}` }
  const template = { type: 'template', name: 'aviso_geral', language: 'pt_BR' }
  return JSON.stringify({
    channel: 'WHATSAPP',
    content: luck.chance(0.2) ? template : text,
    ...(luck.chance(0.15) && { deliveryPolicy: 'at-most-once' }),
    ...(luck.chance(0.05) && { sendAt: new Date(sendAtMs).toISOString() }),
  })
}

/**
 * One client for each chat: posts in the order of the plan, the next one when the one before was
 * taken, each repeated under its key until it is answered for good.
 */
export async function runClients(
  road: Road,
  posts: readonly Post[],
  ledgers: Ledgers,
): Promise<void> {
  const startedAt = performance.now()
  const byChat = Map.groupBy(posts, ({ chatId }) => chatId)
  const clients = [...byChat].map(async ([chatId, ofChat]) => {
    const luck = road.luck.fork(`client ${chatId}`)
    for (const post of ofChat.toSorted((a, b) => a.plannedMs - b.plannedMs)) {
      await pause(Math.max(0, startedAt + post.plannedMs - performance.now()))
      await insist({ ...road, luck }, post, ledgers.answers)
    }
  })
  await Promise.all(clients)
}

async function insist(road: Road, post: Post, answers: Answer[]): Promise<void> {
  for (let isTaken = false; !isTaken; ) {
    const answer = await ask(road, post, post.body)
    answers.push({ ...answer, isOtherBody: false })
    isTaken = answer.status !== undefined && !passing(answer.status)
    if (!isTaken) await pause(road.luck.between(50, 600))
  }
  // A client that forgot what it was told, and one that confuses its keys.
  if (road.luck.chance(0.05)) {
    answers.push({ ...(await ask(road, post, post.body)), isOtherBody: false })
  }
  if (road.luck.chance(0.02)) {
    answers.push({ ...(await ask(road, post, otherBody)), isOtherBody: true })
  }
}

/** What another try may change; a gateway that cannot reach the issuer in time answers 401. */
const passing = (status: number) => status >= 500 || status === 429 || status === 401

/** Under a key that stands for another text. */
export const otherText = 'Outra mensagem sob a mesma chave'
const otherBody = JSON.stringify({
  channel: 'WHATSAPP',
  content: { type: 'text', text: otherText },
})

async function ask({ gateway, luck }: Road, post: Post, body: string) {
  const patienceMs = luck.chance(impatience) ? luck.upTo(mostPatienceMs) : timeoutMs
  const asked = { key: post.key, at: new Date().toISOString() }
  try {
    const response = await fetch(`${gateway()}/chats/${post.chatId}/messages`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${post.token}`,
        'content-type': 'application/json',
        'idempotency-key': post.key,
      },
      body,
      signal: AbortSignal.timeout(patienceMs),
    })
    return { ...asked, status: response.status, body: await response.text() }
  } catch {
    return { ...asked, status: undefined, body: '' }
  }
}
