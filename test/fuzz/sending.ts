import { type Answered, parsed } from './checks.ts'
import type { FuzzedOperation } from './operations.ts'
import type { Pool } from './pool.ts'
import type { Draft, Whose } from './requests.ts'
import { placeholder } from './values.ts'
import type { FuzzWorld } from './world.ts'

/** A request as it goes out. */
export interface Outgoing {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
  /** Whose ids the path names, as far as it names any that belong to somebody. */
  readonly whose: Whose | undefined
}

/** Fills a draft with what is known by now. */
export function outgoing(operation: FuzzedOperation, draft: Draft, world: FuzzWorld): Outgoing {
  const names = operation.parameters.filter((each) => each.in === 'path').map(({ name }) => name)
  const { values, whose } = chosen(names, draft, world)
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(values[name] ?? ''),
  )
  const query = new URLSearchParams()
  for (const [name, value] of draft.query) {
    query.append(name.toWellFormed(), asText(filled(value, world)).toWellFormed())
  }
  const authorization = world.authorization(draft.bearer, operation.scope)
  return {
    method: operation.method,
    target: `${path}${query.size > 0 ? `?${query}` : ''}`,
    headers: { ...draft.headers, ...(authorization !== undefined && { authorization }) },
    body: operation.method === 'GET' ? undefined : bodyOf(draft, world),
    whose: names.some((name) => name.endsWith('Id')) ? whose : undefined,
  }
}

function chosen(names: readonly string[], draft: Draft, { own, foreign }: FuzzWorld) {
  const pools: Readonly<Record<Whose, Pool | undefined>> = { own, foreign, 'made-up': undefined }
  const known = pools[draft.whose]?.pick(names, draft.at)
  return known === undefined
    ? { values: draft.madeUp, whose: 'made-up' as const }
    : { values: known, whose: draft.whose }
}

function bodyOf({ body }: Draft, world: FuzzWorld): Outgoing['body'] {
  if (body === undefined) return undefined
  return 'raw' in body ? body.raw : JSON.stringify(filled(body.json, world))
}

/** Puts ids where placeholders stand; one in eight belongs to the other tenant. */
function filled(value: unknown, world: FuzzWorld): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each) => filled(each, world))
  const { [placeholder]: name, at } = value as Readonly<Record<string, unknown>>
  if (typeof name === 'string' && typeof at === 'number') {
    const pool = at % 8 === 0 ? world.foreign : world.own
    return pool.pick([name], at >> 3)?.[name] ?? '1'
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, world)]))
}

const asText = (value: unknown) =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined')

/** Header values travel as Latin-1; what cannot travel at all is left out. */
function headersOf(given: Readonly<Record<string, string>>): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(given)) headers.set(name, value)
  return headers
}

/** A kept connection may close just as it is used again, so what got no answer is asked once more. */
export async function send(api: string, request: Outgoing): Promise<Answered> {
  return sendOnce(api, request)
    .catch(() => sendOnce(api, request))
    .catch((error: Error) => ({ status: 0, contentType: '', text: String(error.cause ?? error) }))
}

async function sendOnce(api: string, request: Outgoing): Promise<Answered> {
  const response = await fetch(`${api}${request.target}`, {
    method: request.method,
    headers: headersOf(request.headers),
    ...(request.body !== undefined && { body: request.body as string | Uint8Array<ArrayBuffer> }),
  })
  const text = await response.text()
  const [contentType = ''] = (response.headers.get('content-type') ?? '').split(';')
  return { status: response.status, contentType, text }
}

/** Answers to ourselves are where new ids come from. */
export function learnFrom(answer: Answered, request: Outgoing, world: FuzzWorld): void {
  if (answer.status >= 200 && answer.status < 300 && request.whose !== 'foreign') {
    world.own.learn(parsed(answer.text))
  }
}
