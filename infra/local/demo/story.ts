import { randomUUID } from 'node:crypto'
import type { Call, Delays, Phones } from './phones.ts'
import type { Message, PersonToWrite, RecadoApi } from './recado-api.ts'
import { type Timeline, until } from './timeline.ts'

export interface Stage {
  readonly timeline: Timeline
  readonly api: RecadoApi
  readonly phones: Phones
}

/** Far enough apart that each report can be seen on its own. */
const unhurried = { sentMs: 300, deliveredMs: 600, readMs: 900 }
/** Late enough that the message is seen as UNKNOWN before a report tells better. */
const silent = { sentMs: 2000, deliveredMs: 2300, readMs: 2600 }

const ana = { externalId: '8812', name: 'Ana Lima', phone: '+5511987654321' }
/** The simulator takes a message to this number and resets the connection instead of answering. */
const bruno = { externalId: '8813', name: 'Bruno Reis', phone: '+5519900000011' }

const welcome = {
  type: 'text',
  text: 'Olá, Ana! Sua parcela de novembro vence no dia 10. Posso ajudar?',
}
const reminder = {
  type: 'template',
  name: 'parcela_a_vencer',
  language: 'pt_BR',
  variables: { body: { nome: 'Ana', valor: 'R$ 412,50', vencimento: '10/12/2026' } },
}
const answer = 'Oi! Já paguei hoje cedo, obrigada.'
const receipt = { type: 'text', text: 'Bruno, recebemos o seu pagamento. Obrigado!' }

/** A message out, its reports and a reply in; then an answer that got lost. */
export async function playStory(stage: Stage): Promise<void> {
  const { timeline } = stage
  await slowDown(stage, unhurried)
  timeline.chapter('A message out and its reports')
  const chatId = await openChat(stage, ana)
  const text = await sendOnce(stage, chatId)
  await reports(stage, chatId, text)

  timeline.chapter('A template message')
  const template = await send(stage, chatId, { content: reminder, key: randomUUID() })
  await reports(stage, chatId, template)

  timeline.chapter('A reply')
  const reply = await replyFrom(stage, { chatId, phoneNumberId: text.call.phoneNumberId })
  await readThread(stage, chatId, [text.messageId, template.messageId, reply])

  timeline.chapter('An answer that gets lost')
  await lostAnswer(stage)
}

function slowDown({ timeline, phones }: Stage, delays: Delays): Promise<void> {
  return timeline.play({
    title: 'Slow the reports of the phones down',
    work: async (limit) => {
      await phones.setDelays(limit, delays)
      return { value: undefined, result: `SENT after ${delays.sentMs} ms` }
    },
  })
}

function openChat({ timeline, api }: Stage, person: PersonToWrite): Promise<string> {
  return timeline.play({
    title: `Open the chat of ${person.name}`,
    work: async (limit) => {
      const { status, json } = await api.openChat(limit, person)
      const made = status === 201 ? 'a new one' : 'known already'
      return { value: json.chatId, result: `chat ${json.chatId}, ${json.status}, ${made}` }
    },
  })
}

interface Sent {
  readonly messageId: string
  readonly call: Call
  /** Where the ledger of the phones stood before it. */
  readonly cursor: number
}

/** Posts a message and waits for it at the phone. */
async function send(
  stage: Stage,
  chatId: string,
  { content, key }: { content: object; key: string },
) {
  const { timeline, api, phones } = stage
  const posted = await timeline.play({
    title: 'POST the message',
    work: async (limit) => {
      const { cursor } = await phones.ledger(limit, 0)
      const { json, text } = await api.post(limit, chatId, { content, key })
      const result = `202, message ${json.messageId}, ${json.status}`
      return { value: { messageId: json.messageId, cursor, text }, result }
    },
  })
  const call = await atThePhone(stage, posted.cursor)
  return { ...posted, call }
}

function atThePhone({ timeline, phones }: Stage, cursor: number): Promise<Call> {
  return timeline.play({
    title: 'It reaches the phone',
    work: async (limit) => {
      const { calls } = await until(limit, () => phones.ledger(limit, cursor), {
        isEnough: ({ calls: [first] }) => first?.accepted === true,
        say: ({ calls: [first] }) =>
          first ? `the phone refused it (${first.httpStatus})` : 'no call to the provider yet',
      })
      const [call] = calls
      if (call?.wamid === undefined) throw new Error('the provider gave it no id')
      const shown = await phones.shownText(limit, call.wamid)
      return {
        value: call,
        result: `attempt ${call.attemptId}`,
        details: [`“${shown}”`, call.wamid],
      }
    },
  })
}

/** The first message, and what its Idempotency-Key is good for. */
async function sendOnce(stage: Stage, chatId: string): Promise<Sent> {
  const { timeline, api, phones } = stage
  const key = randomUUID()
  const sent = await send(stage, chatId, { content: welcome, key })
  await timeline.play({
    title: 'The same POST again, same key',
    work: async (limit) => {
      const { text } = await api.post(limit, chatId, { content: welcome, key })
      if (text !== sent.text) throw new Error(`it answered ${text} instead of ${sent.text}`)
      return { value: undefined, result: 'the same 202, byte for byte' }
    },
  })
  await timeline.play({
    title: 'Another text under that key',
    work: async (limit) => {
      const content = { ...welcome, text: `${welcome.text}?` }
      const { status, json } = await api.refusedPost(limit, chatId, { content, key })
      await mustBeOne(phones, limit, sent.cursor)
      return { value: undefined, result: `${status} ${json.code}; still one call to the provider` }
    },
  })
  return sent
}

async function mustBeOne(phones: Phones, limit: AbortSignal, cursor: number): Promise<Call> {
  const { calls } = await phones.ledger(limit, cursor)
  const [call] = calls
  if (call !== undefined && calls.length === 1) return call
  throw new Error(`the provider was called ${calls.length} times`)
}

const journey = ['QUEUED', 'SENDING', 'UNKNOWN', 'SENT', 'DELIVERED', 'READ']

/** SENT, DELIVERED and READ, each by a signed webhook that was answered with 200. */
async function reports(stage: Stage, chatId: string, sent: Sent): Promise<void> {
  for (const status of ['SENT', 'DELIVERED', 'READ']) await report(stage, status, { chatId, sent })
}

function report(
  { timeline, api, phones }: Stage,
  status: string,
  { chatId, sent }: { chatId: string; sent: Sent },
): Promise<void> {
  return timeline.play({
    title: `${status} comes back`,
    work: async (limit) => {
      const shown = await shownStatus({ api, limit, chatId }, sent.messageId, status)
      const { events } = await until(limit, () => phones.ledger(limit, sent.cursor), {
        isEnough: (seen) => seen.events.some(isReport(sent.call, status)),
        say: () => `the message shows ${shown}, but no webhook said so`,
      })
      const { answers = [] } = events.find(isReport(sent.call, status)) ?? {}
      const result = `webhook answered ${answers.at(-1)?.httpStatus}, message ${sent.messageId} shows ${shown}`
      return { value: undefined, result }
    },
  })
}

function isReport(call: Call, status: string) {
  return (event: Awaited<ReturnType<Phones['ledger']>>['events'][number]): boolean =>
    event.wamid === call.wamid && event.status === status.toLowerCase() && event.acknowledged
}

interface Looking {
  readonly api: RecadoApi
  readonly limit: AbortSignal
  readonly chatId: string
}

/** Waits until the message has come this far; it may have come further. */
async function shownStatus(
  { api, limit, chatId }: Looking,
  messageId: string,
  least: string,
): Promise<string> {
  const look = async () =>
    (await api.thread(limit, chatId)).find((message) => message.messageId === messageId)
  const message = await until(limit, look, {
    isEnough: (seen) =>
      journey.indexOf(seen?.status ?? '') >= journey.indexOf(least) || seen?.status === 'FAILED',
    say: (seen) => `message ${messageId} shows ${seen?.status ?? 'nothing'}`,
  })
  if (message?.status !== 'FAILED') return message?.status ?? ''
  throw new Error(`message ${messageId} is FAILED (${message.reason})`)
}

/** Answers our id of the reply. */
async function replyFrom(
  { timeline, api, phones }: Stage,
  { chatId, phoneNumberId }: { chatId: string; phoneNumberId: string },
): Promise<string> {
  const known = await timeline.play({
    title: 'Ana answers from her phone',
    work: async (limit) => {
      const before = await api.thread(limit, chatId)
      const { phone: from, name } = ana
      const wamid = await phones.write(limit, { from, name, text: answer, phoneNumberId })
      const value = new Set(before.map(({ messageId }) => messageId))
      return { value, result: wamid, details: [`“${answer}”`] }
    },
  })
  const isReply = (message: Message) =>
    message.direction === 'INBOUND' &&
    message.content?.text === answer &&
    !known.has(message.messageId)
  return timeline.play({
    title: 'It is in the thread',
    work: async (limit) => {
      const messages = await until(limit, () => api.thread(limit, chatId), {
        isEnough: (seen) => seen.some(isReply),
        say: () => 'the thread does not show it',
      })
      const reply = messages.find(isReply)
      const value = reply?.messageId ?? ''
      return { value, result: `message ${value}, ${reply?.status}` }
    },
  })
}

function readThread(
  { timeline, api }: Stage,
  chatId: string,
  expected: readonly string[],
): Promise<void> {
  return timeline.play({
    title: 'GET the whole thread',
    work: async (limit) => {
      const thread = await api.thread(limit, chatId)
      const ours = thread.filter(({ messageId }) => expected.includes(messageId))
      const order = ours.map(({ messageId }) => messageId).join(', ')
      if (order !== expected.join(', ')) {
        throw new Error(`it shows the messages ${order} instead of ${expected.join(', ')}`)
      }
      const lines = ours.map(
        ({ messageId, direction, status, content }) =>
          `${messageId.padStart(5)}  ${direction.padEnd(8)}  ${status.padEnd(9)}  ${content?.text ?? content?.type}`,
      )
      return { value: undefined, result: `${thread.length} messages`, details: lines }
    },
  })
}

/** The provider takes the message and its answer never comes: the webhook tells, nothing is sent twice. */
async function lostAnswer(stage: Stage): Promise<void> {
  const { timeline, api, phones } = stage
  const chatId = await openChat(stage, bruno)
  await slowDown(stage, silent)
  const sent = await send(stage, chatId, { content: receipt, key: randomUUID() })
  await timeline.play({
    title: 'The connection drops before the answer',
    work: async (limit) => {
      const status = await shownStatus({ api, limit, chatId }, sent.messageId, 'UNKNOWN')
      if (status !== 'UNKNOWN') throw new Error(`message ${sent.messageId} shows ${status}`)
      return { value: undefined, result: `message ${sent.messageId} shows ${status}` }
    },
  })
  await reports(stage, chatId, sent)
  await timeline.play({
    title: 'No duplicate',
    work: async (limit) => {
      const call = await mustBeOne(phones, limit, sent.cursor)
      if (call.httpStatus !== undefined) throw new Error('the provider answered after all')
      return { value: undefined, result: 'one call to the provider, one message at the phone' }
    },
  })
}
