import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { demoTenant } from '#infra/local/demo-tenants.ts'
import type { Ready } from '#infra/local/stack.ts'
import { scopes } from '#shared/contracts/scopes.ts'
import { makePool, type Pool } from './pool.ts'
import type { Bearer } from './requests.ts'

/** A whole stack in a process of its own, with two tenants that have something to lose. */
export interface FuzzWorld {
  readonly api: string
  /** What only the other tenant's data holds. */
  readonly marker: string
  readonly own: Pool
  readonly foreign: Pool
  /** The Authorization of a request for an operation of this scope. */
  authorization(bearer: Bearer, scope: string): string | undefined
  stop(): Promise<void>
}

export async function startFuzzWorld(names: readonly string[]): Promise<FuzzWorld> {
  const stack = spawn(process.execPath, ['infra/local/main.ts', '--port', '0'], {
    env: { ...process.env, LOG_LEVEL: 'SILENT' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const ready = await readyOf(stack)
    await leaveWindowToProvider(ready.database)
    const marker = `segredo-${randomUUID()}`
    const own = makePool(names)
    const foreign = makePool(names)
    await settle({ ready, token: ready.token, word: 'nosso', pool: own })
    await settle({ ready, token: ready.otherTenantToken, word: marker, pool: foreign })
    const narrow = new Map<string, string>()
    for (const scope of scopes) narrow.set(scope, await tokenWithout(ready, scope))
    return {
      api: ready.api,
      marker,
      own,
      foreign,
      authorization: (bearer, scope) =>
        authorizations[bearer](ready.token, narrow.get(scope) ?? ''),
      stop: () => stop(stack),
    }
  } catch (error) {
    await stop(stack)
    throw error
  }
}

const authorizations: Readonly<
  Record<Bearer, (own: string, narrow: string) => string | undefined>
> = {
  own: (own) => `Bearer ${own}`,
  none: () => undefined,
  garbage: () => 'Bearer not.a.token',
  tampered: (own) => `Bearer ${own.slice(0, -6)}AAAAAA`,
  'without-scope': (_own, narrow) => `Bearer ${narrow}`,
}

async function readyOf(stack: ChildProcess): Promise<Ready> {
  if (stack.stdout === null) throw new Error('the stack has no output')
  for await (const line of createInterface({ input: stack.stdout })) {
    if (line.startsWith('ready ')) return JSON.parse(line.slice(6)) as Ready
  }
  throw new Error('the stack did not start')
}

async function stop(stack: ChildProcess): Promise<void> {
  if (stack.exitCode !== null) return
  const exit = once(stack, 'exit')
  stack.kill('SIGTERM')
  await exit
}

/** Whom nobody wrote to yet may be sent a text, so that more requests reach the road of a send. */
async function leaveWindowToProvider(database: string): Promise<void> {
  const owner = new pg.Client({ connectionString: database })
  await owner.connect()
  await owner.query(`update tenants set service_window = 'left-to-provider'`)
  await owner.end()
}

async function tokenWithout({ issuer }: Ready, scope: string): Promise<string> {
  const others = scopes.filter((each) => each !== scope && each !== 'admin')
  const { clientId, clientSecret } = demoTenant
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: others.join(' '),
    }),
  })
  return String(((await answer.json()) as { access_token: string }).access_token)
}

interface Settling {
  readonly ready: Ready
  readonly token: string
  /** In every text of this tenant. */
  readonly word: string
  readonly pool: Pool
}

const chatsPerTenant = 10

/** Chats, messages in several states, files and templates; the pool knows them all. */
async function settle(settling: Settling): Promise<void> {
  const { word, pool } = settling
  const ask = asker(settling)
  for (let at = 0; at < chatsPerTenant; at += 1) {
    const phone = `+55119${String(60_000_000 + Math.floor(Math.random() * 9_000_000))}`
    const person = { externalId: `${word}-${at}`, name: `Ana ${word}` }
    const contacts = [{ channel: 'WHATSAPP', address: phone }]
    const { chatId } = await ask('POST', '/chats', { person, contacts })
    const content = { type: 'text', text: `Olá ${word}` }
    const later = { sendAt: new Date(Date.now() + 86_400_000).toISOString() }
    for (const more of [{}, later, later]) {
      const sent = await ask('POST', `/chats/${chatId}/messages`, {
        channel: 'WHATSAPP',
        content,
        ...more,
      })
      pool.learn({ chatId, messageId: sent.messageId })
    }
  }
  for (const filename of [`a-${word}.pdf`, `b-${word}.pdf`]) {
    const file = { kind: 'document', mimeType: 'application/pdf', sizeBytes: 9, filename }
    const { mediaId, upload } = await ask('POST', '/media', file)
    const { url, headers } = upload as { url: string; headers: Record<string, string> }
    const { 'content-length': _length, ...rest } = headers
    await fetch(url, { method: 'PUT', headers: rest, body: '%PDF-1.4\n' })
    if (filename.startsWith('a')) await ask('POST', `/media/${mediaId}/complete`)
  }
  for (const list of ['/chats?limit=5', '/provider-templates?limit=5']) await ask('GET', list)
}

/** Asks as a tenant, learns from the answer, and stops at a refusal. */
function asker({ ready, token, pool }: Settling) {
  return async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${ready.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(method === 'POST' && { 'idempotency-key': randomUUID() }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    const json = JSON.parse(text) as Readonly<Record<string, unknown>>
    pool.learn(json)
    return json
  }
}
