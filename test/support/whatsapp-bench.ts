import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { WhatsAppOptions } from '#infra/local/whatsapp/simulation.ts'
import { startWhatsApp } from '#infra/local/whatsapp/simulator.ts'

const appSecret = 'segredo-do-aplicativo'
export const number = {
  phoneNumberId: '106540000000001',
  wabaId: '102290000000001',
  displayPhoneNumber: '+55 11 4000-0000',
  accessToken: 'token-de-teste',
}
export const otherNumber = {
  phoneNumberId: '106540000000002',
  wabaId: '102290000000002',
  displayPhoneNumber: '+55 11 4000-0001',
  accessToken: 'outro-token',
}

export interface Status {
  id: string
  status: string
  timestamp: string
  recipient_id?: string
  recipient_user_id?: string
  biz_opaque_callback_data?: string
  pricing?: object
  conversation?: object
  errors?: { code: number; title: string; error_data: { details: string } }[]
}

interface Change {
  field: string
  value: {
    metadata: object
    contacts?: { wa_id?: string; user_id: string; profile: { name: string } }[]
    messages?: Record<string, unknown>[]
    statuses?: Status[]
    [key: string]: unknown
  }
}

interface ReceivedPost {
  raw: Buffer
  signatureValid: boolean
  body: { object: string; entry: { id: string; time?: number; changes: Change[] }[] }
}

/** A webhook that checks the signature over the raw bytes, as ours must. */
export async function startReceiver(answer: (posts: number) => number = () => 200) {
  const posts: ReceivedPost[] = []
  const watchers = new Set<() => void>()
  let verifications = 0
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      verifications += 1
      const query = new URL(request.url ?? '', 'http://x').searchParams
      const known = query.get('hub.verify_token') === 'aperto-de-mao'
      response.writeHead(known ? 200 : 403).end(known ? query.get('hub.challenge') : '')
      return
    }
    const raw = await buffer(request)
    const expected = `sha256=${createHmac('sha256', appSecret).update(raw).digest('hex')}`
    const signatureValid = request.headers['x-hub-signature-256'] === expected
    posts.push({ raw, signatureValid, body: JSON.parse(raw.toString('utf8')) })
    response.writeHead(answer(posts.length)).end()
    for (const watcher of watchers) watcher()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve))
  const changes = () =>
    posts.flatMap(({ body }) => body.entry.flatMap((entry) => entry.changes)).map((it) => it.value)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/whatsapp`,
    posts,
    verifications: () => verifications,
    statuses: () => changes().flatMap(({ statuses = [] }) => statuses),
    messages: () => changes().flatMap(({ messages = [] }) => messages),
    /** Values of the changes of this field. */
    news: (field: string) =>
      posts
        .flatMap(({ body }) =>
          body.entry.flatMap(({ id, changes }) => changes.map((it) => ({ id, ...it }))),
        )
        .filter((change) => change.field === field)
        .map(({ id, value }): Readonly<Record<string, unknown>> => ({ ...value, wabaId: id })),
    /** Settles when the condition holds after some POST; rejects after the deadline. */
    until: (condition: () => boolean, deadlineMs = 20_000) =>
      new Promise<void>((resolve, reject) => {
        const deadline = setTimeout(() => {
          watchers.delete(check)
          reject(new Error(`not reached after ${posts.length} posts`))
        }, deadlineMs)
        const check = () => {
          if (!condition()) return
          clearTimeout(deadline)
          watchers.delete(check)
          resolve()
        }
        watchers.add(check)
        check()
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>

/** The simulator with two numbers of two accounts, and callers over HTTP. */
export async function startBench(webhookUrl: string | undefined, more?: Partial<WhatsAppOptions>) {
  const simulator = await startWhatsApp({
    port: 0,
    appSecret,
    verifyToken: 'aperto-de-mao',
    webhookUrl: () => webhookUrl,
    numbers: [number, otherNumber],
    delays: { sentMs: 2, deliveredMs: 4, readMs: 6, lateMs: 30, slowMs: 20 },
    seed: 7,
    ...more,
    settings: { webhooks: { firstRetryMs: 5 }, ...more?.settings },
  })
  const call = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(`${simulator.url}${path}`, { method, ...init })
    return { status: response.status, json: (await response.json()) as Record<string, unknown> }
  }
  const authorization = { authorization: `Bearer ${number.accessToken}` }
  return {
    ...simulator,
    call,
    authorization,
    graph: (method: string, path: string, init: RequestInit = {}) =>
      call(method, `/v26.0/${path}`, { headers: authorization, ...init }),
    /** `POST /messages` with this body beside the envelope. */
    send: (fields: object, init: RequestInit = {}) =>
      call('POST', `/v26.0/${number.phoneNumberId}/messages`, {
        headers: authorization,
        body: JSON.stringify({ messaging_product: 'whatsapp', to: '+5511987654321', ...fields }),
        ...init,
      }),
    steer: (method: string, path: string, body?: unknown) =>
      call(method, `/_sim/${path}`, body === undefined ? {} : { body: JSON.stringify(body) }),
  }
}

export type Bench = Awaited<ReturnType<typeof startBench>>

export const text = (body: string) => ({ type: 'text', text: { body } })

interface SendAnswer {
  contacts: { input: string; wa_id?: string; user_id?: string }[]
  messages: { id: string; message_status?: string }[]
}

export const acceptedIn = ({ json }: { json: unknown }) => json as SendAnswer
export const wamidOf = (answer: { json: unknown }) => acceptedIn(answer).messages[0]?.id

export const errorIn = ({ json }: { json: unknown }) =>
  (json as { error: { code: number; is_transient: boolean; error_data: { details: string } } })
    .error

/** A send of a pt_BR template without variables. */
export const templateSend = (name: string) => ({
  type: 'template',
  template: { name, language: { code: 'pt_BR' } },
})
