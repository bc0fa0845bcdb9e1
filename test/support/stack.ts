import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { LogLine } from '#infra/local/lambda/invocation.ts'
import { readReplacements } from '#infra/local/settings.ts'
import { type LocalStack, startStack } from '#infra/local/stack.ts'
import type { WhatsAppSimulator } from '#infra/local/whatsapp/simulator.ts'
import { bundlesOfRun } from './bundles.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined when the body is not JSON. */
  readonly json: Readonly<Record<string, unknown>> | undefined
}

interface Ask {
  /** Sent as JSON; a string or bytes are sent as they are. */
  readonly body?: unknown
  /** `null` sends none. */
  readonly token?: string | null
  /** A POST has a fresh Idempotency-Key unless one is given. */
  readonly headers?: Readonly<Record<string, string>>
}

interface ShownMessage {
  readonly messageId: string
  readonly status: string
  readonly direction: string
  readonly content: { readonly type: string; readonly text?: string } | null
  readonly replyToMessageId: string | null
  readonly [key: string]: unknown
}

/** A whole stack, and short ways to talk to it. */
export interface Flow {
  readonly stack: LocalStack
  readonly phones: WhatsAppSimulator
  /** As the schema's owner. */
  readonly owner: pg.Pool
  ask(
    route: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`,
    more?: Ask,
  ): Promise<Answer>
  /** Opens a chat of a new person; answers its id. */
  openChat(phone?: string): Promise<string>
  post(chatId: string, more?: Ask): Promise<Answer>
  thread(chatId: string): Promise<readonly ShownMessage[]>
  /** Posts to the webhook, signed unless a signature is given. */
  webhook(body: string | Uint8Array, signature?: string | null): Promise<Answer>
  sign(body: string | Uint8Array): string
  rows(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>
  /** How many rows every table has; client tokens and paces move without a new one. */
  countRows(): Promise<Readonly<Record<string, number>>>
  stop(): Promise<void>
}

interface FlowOptions {
  readonly directory?: string
  readonly port?: number
  readonly environment?: Readonly<Record<string, string>>
  /** What the functions write into their logs. */
  readonly log?: (line: LogLine) => void
  /** Default: left to the provider; most flows write to people who never wrote. */
  readonly serviceWindow?: 'enforced'
}

let issued = 0
const freshPhone = () => {
  issued += 1
  return `+55119${String(70_000_000 + issued)}`
}
const freshName = () => {
  issued += 1
  return `person-${issued}`
}

/** Boots a stack on free ports. */
export async function startFlow(options: FlowOptions = {}): Promise<Flow> {
  const stack = await startStack({
    port: options.port ?? 0,
    directory: options.directory,
    replacements: readReplacements({ LOG_LEVEL: 'SILENT', ...options.environment }),
    codeDirectory: await bundlesOfRun(),
    ...(options.log && { log: options.log }),
  })
  const { ready, parts } = stack
  if (parts.whatsapp === undefined) throw new Error('the stack has no phones')
  const owner = new pg.Pool({ connectionString: ready.database, max: 2 })
  // An idle connection is cut when its database is dropped.
  owner.on('error', () => undefined)
  if (options.serviceWindow !== 'enforced') await leaveWindowToProvider(owner)
  const ask: Flow['ask'] = (route, { body, token = ready.token, headers } = {}) => {
    const [method = '', path = ''] = route.split(' ')
    return send(`${ready.api}${path}`, {
      method,
      headers: {
        ...(method === 'POST' && { 'idempotency-key': randomUUID() }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body,
    })
  }
  const sign = (body: string | Uint8Array) =>
    `sha256=${createHmac('sha256', ready.appSecret).update(body).digest('hex')}`
  return {
    stack,
    phones: parts.whatsapp,
    owner,
    ask,
    sign,
    openChat: async (phone = freshPhone()) => {
      const person = { externalId: freshName(), name: 'Ana Lima' }
      const contacts = [{ channel: 'WHATSAPP', address: phone }]
      const { status, json } = await ask('POST /chats', { body: { person, contacts } })
      if (status !== 201) throw new Error(`no chat: ${status} ${JSON.stringify(json)}`)
      return String(json?.chatId)
    },
    post: (chatId, more) =>
      ask(`POST /chats/${chatId}/messages`, { body: textMessage('Olá'), ...more }),
    thread: async (chatId) => {
      const { json } = await ask(`GET /chats/${chatId}/messages?order=asc&limit=100`)
      return json?.items as ShownMessage[]
    },
    webhook: (body, signature = sign(body)) =>
      send(`${ready.api}/webhooks/whatsapp`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(signature !== null && { 'x-hub-signature-256': signature }),
        },
        body,
      }),
    rows: async (sql, values = []) => (await owner.query(sql, [...values])).rows,
    countRows: () => countRows(owner),
    stop: async () => {
      await owner.end()
      await stack.stop()
    },
  }
}

/** Whom nobody wrote to yet may be sent a text. */
export async function leaveWindowToProvider(owner: pg.Pool): Promise<void> {
  await owner.query(`update tenants set service_window = 'left-to-provider'`)
}

async function send(
  url: string,
  { method, headers, body }: { method: string; headers: Record<string, string>; body?: unknown },
): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const payload = raw || body === undefined ? body : JSON.stringify(body)
  const response = await fetch(url, {
    method,
    headers,
    ...(payload !== undefined && { body: payload as string | Uint8Array<ArrayBuffer> }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parsed(text) }
}

function parsed(text: string): Answer['json'] {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const textMessage = (said: string) => ({
  channel: 'WHATSAPP',
  content: { type: 'text', text: said },
})

async function countRows(owner: pg.Pool): Promise<Readonly<Record<string, number>>> {
  const { rows: tables } = await owner.query(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE'
       -- Those of Meta come whenever they were synced.
       and table_name <> 'provider_templates'
       -- Whoever asks leaves a row there, and a clock adds its link and whose it is: flow/audit.test.ts.
       and table_name not in ('audit_entries', 'audit_links', 'audit_persons') order by 1`,
  )
  const counts = tables.map(({ name }) => `(select count(*)::int from ${name}) as ${name}`)
  const { rows } = await owner.query(`select ${counts.join(', ')}`)
  return rows[0]
}

/** Asks until it holds; throws after the deadline with what was last seen. */
export async function until<T>(
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  deadlineSeconds = 30,
): Promise<T> {
  const endsAt = performance.now() + deadlineSeconds * 1000
  for (;;) {
    const seen = await look()
    if (holds(seen)) return seen
    if (performance.now() > endsAt) {
      throw new Error(`not reached within ${deadlineSeconds} s: ${JSON.stringify(seen)}`)
    }
    await pause(25)
  }
}

/** One change of Meta's webhook with these statuses and messages. */
export function metaBody(
  { phoneNumberId, wabaId }: { readonly phoneNumberId: string; readonly wabaId: string },
  value: Readonly<Record<string, unknown>>,
  field = 'messages',
): string {
  const metadata = { display_phone_number: '551140000001', phone_number_id: phoneNumberId }
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: wabaId,
        changes: [{ field, value: { messaging_product: 'whatsapp', metadata, ...value } }],
      },
    ],
  })
}

export const metaStatus = (id: string, status: string, more: object = {}) => ({
  id,
  status,
  timestamp: String(Math.floor(Date.now() / 1000)),
  recipient_id: '5511987654321',
  ...more,
})

export const metaText = (id: string, from: string, body: string) => ({
  id,
  from,
  timestamp: String(Math.floor(Date.now() / 1000)),
  type: 'text',
  text: { body },
})
