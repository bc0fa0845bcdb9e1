import { randomUUID } from 'node:crypto'
import {
  ana,
  answer,
  bruno,
  consent,
  greeting,
  receipt,
  reminder,
  silent,
  unhurried,
  welcome,
} from './cast.ts'
import type { Call, Delays, Phones } from './phones.ts'
import type { Message, PersonToWrite, RecadoApi } from './recado-api.ts'
import { shownStatus } from './shown-status.ts'
import { type Timeline, until } from './timeline.ts'

export interface Stage {
  readonly timeline: Timeline
  readonly api: RecadoApi
  readonly phones: Phones
}

/** A template opens the talk, then a message out, its reports and a reply in; then an answer that got lost. */
export async function playStory(stage: Stage): Promise<void> {
  const { timeline } = stage
  await slowDown(stage, unhurried)
  timeline.chapter('The service window opens')
  const chatId = await openChat(stage, ana)
  await refusedText(stage, chatId)
  const first = await send(stage, chatId, { content: greeting, key: randomUUID() })
  const { phoneNumberId } = first.call
  const said = await replyFrom(stage, { chatId, phoneNumberId, text: consent })

  timeline.chapter('A message out and its reports')
  const text = await sendOnce(stage, chatId)
  await reports(stage, chatId, text)

  timeline.chapter('A template message')
  const template = await send(stage, chatId, { content: reminder, key: randomUUID() })
  await reports(stage, chatId, template)

  timeline.chapter('A reply')
  const reply = await replyFrom(stage, { chatId, phoneNumberId, text: answer })
  const sent = [text.messageId, template.messageId]
  await readThread(stage, chatId, [first.messageId, said, ...sent, reply])

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

/** Ana has not written within 24 hours, unless the story was played here before. */
function refusedText({ timeline, api }: Stage, chatId: string): Promise<void> {
  return timeline.play({
    title: 'A text before she has written',
    work: async (limit) => {
      const { json: chat } = await api.chat(limit, chatId)
      if (chat.serviceWindow.open) {
        return {
          value: undefined,
          result: `her window is open until ${chat.serviceWindow.expiresAt}`,
        }
      }
      const { status, json } = await api.refusedPost(limit, chatId, {
        content: welcome,
        key: randomUUID(),
      })
      if (json.code !== 'service-window-closed') throw new Error(`it was refused as ${json.code}`)
      return { value: undefined, result: `${status} ${json.code}` }
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

/** The first call to the provider since the ledger stood there. */
export function atThePhone({ timeline, phones }: Stage, cursor: number): Promise<Call> {
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

/** Answers our id of the reply. */
async function replyFrom(
  { timeline, api, phones }: Stage,
  { chatId, phoneNumberId, text }: { chatId: string; phoneNumberId: string; text: string },
): Promise<string> {
  const known = await timeline.play({
    title: 'Ana answers from her phone',
    work: async (limit) => {
      const before = await api.thread(limit, chatId)
      const { phone: from, name } = ana
      const wamid = await phones.write(limit, { from, name, text, phoneNumberId })
      const value = new Set(before.map(({ messageId }) => messageId))
      return { value, result: wamid, details: [`“${text}”`] }
    },
  })
  const isReply = (message: Message) =>
    message.direction === 'INBOUND' &&
    message.content?.text === text &&
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
