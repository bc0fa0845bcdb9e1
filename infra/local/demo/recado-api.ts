import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { type HttpAnswer, httpCall } from './http-call.ts'

const chat = z.looseObject({ chatId: z.string(), status: z.string() })
const shownChat = z.looseObject({
  serviceWindow: z.looseObject({ open: z.boolean(), expiresAt: z.string().nullable() }),
})
const accepted = z.looseObject({ messageId: z.string(), status: z.string() })
const problem = z.looseObject({ code: z.string() })
const message = z.looseObject({
  messageId: z.string(),
  direction: z.enum(['INBOUND', 'OUTBOUND']),
  status: z.string(),
  reason: z.string().optional(),
  content: z.looseObject({ type: z.string(), text: z.string().optional() }).nullable(),
})
const page = z.looseObject({ items: z.array(message) })

export type Message = z.output<typeof message>

interface Request {
  /** Default: a POST where there is a body, else a GET. */
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly body?: unknown
  readonly key?: string
  readonly ifMatch?: string
  readonly statuses: readonly number[]
}

export interface PersonToWrite {
  readonly externalId: string
  readonly name: string
  readonly phone: string
}

/** Requests to the API with a token. */
export function makeApiCall(url: string, token: string) {
  return <S extends z.ZodType>(
    limit: AbortSignal,
    { path, body, key, ifMatch, statuses, ...request }: Request,
    shape: S,
  ): Promise<HttpAnswer<z.output<S>>> => {
    const { method = body === undefined ? 'GET' : 'POST' } = request
    const headers = {
      authorization: `Bearer ${token}`,
      ...(key && { 'idempotency-key': key }),
      ...(ifMatch && { 'if-match': ifMatch }),
    }
    return httpCall({ url: `${url}${path}`, method, headers, body, statuses, shape, limit })
  }
}

export type ApiCall = ReturnType<typeof makeApiCall>

/** The API as a finance system's program would call it. */
export function makeRecadoApi(call: ApiCall) {
  return {
    openChat: (limit: AbortSignal, { externalId, name, phone }: PersonToWrite) =>
      call(
        limit,
        {
          path: '/chats',
          key: randomUUID(),
          body: {
            person: { externalId, name },
            contacts: [{ channel: 'WHATSAPP', address: phone }],
          },
          statuses: [200, 201],
        },
        chat,
      ),
    chat: (limit: AbortSignal, chatId: string) =>
      call(limit, { path: `/chats/${chatId}`, statuses: [200] }, shownChat),
    post: (limit: AbortSignal, chatId: string, send: { content: unknown; key: string }) =>
      call(limit, { ...postOf(chatId, send), statuses: [202] }, accepted),
    /** A post that the rules must refuse. */
    refusedPost: (limit: AbortSignal, chatId: string, send: { content: unknown; key: string }) =>
      call(limit, { ...postOf(chatId, send), statuses: [409, 422] }, problem),
    /** The newest page of the thread, oldest message first. */
    thread: async (limit: AbortSignal, chatId: string): Promise<readonly Message[]> => {
      const path = `/chats/${chatId}/messages?order=desc&limit=100`
      return (await call(limit, { path, statuses: [200] }, page)).json.items.toReversed()
    },
  }
}

export type RecadoApi = ReturnType<typeof makeRecadoApi>

function postOf(chatId: string, { content, key }: { content: unknown; key: string }) {
  return { path: `/chats/${chatId}/messages`, body: { channel: 'WHATSAPP', content }, key }
}
