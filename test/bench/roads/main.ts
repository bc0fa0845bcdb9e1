import { randomUUID } from 'node:crypto'
import { readReplacements } from '#infra/local/settings.ts'
import { type LocalStack, startStack } from '#infra/local/stack.ts'
import { waitingMessage } from '#test/support/api-side.ts'

interface Road {
  readonly name: string
  readonly ask: (chatId: string) => Asked
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly body?: unknown
}

const post = (path: string, body: unknown): Asked => ({ method: 'POST', path, body })
const get = (path: string): Asked => ({ method: 'GET', path })
let people = 0
const openChat = () => {
  people += 1
  return post('/chats', {
    person: { externalId: `bench-${people}`, name: 'Ana Lima' },
    contacts: [{ channel: 'WHATSAPP', address: `+55119${98_000_000 + people}` }],
  })
}

const roads: readonly Road[] = [
  { name: 'POST /chats', ask: openChat },
  {
    name: 'POST /chats/{chatId}/messages',
    ask: (chatId) => post(`/chats/${chatId}/messages`, waitingMessage),
  },
  { name: 'GET /chats?limit=50', ask: () => get('/chats?limit=50') },
  { name: 'GET /chats/{chatId}', ask: (chatId) => get(`/chats/${chatId}`) },
  {
    name: 'GET /chats/{chatId}/messages?limit=50',
    ask: (chatId) => get(`/chats/${chatId}/messages?limit=50`),
  },
]

/** Before anything is counted: the function is warm and its code compiled. */
const warmUps = 50
/** Counted, one after another. */
const requests = 300

/** Roads of the API through a whole stack, warm. False: one of them makes more than one call. */
export async function benchRoads(print: (line: string) => void): Promise<boolean> {
  const stack = await startStack({
    port: 0,
    directory: undefined,
    replacements: readReplacements({ LOG_LEVEL: 'SILENT' }),
  })
  try {
    const { clock, sources } = stack.triggers
    await Promise.all([clock.stop(), ...[...sources.values()].map((source) => source.stop())])
    const { chatId } = (await (await send(stack, openChat())).json()) as { chatId: string }
    print(`roads: ${requests} requests each, one after another, on a warm function`)
    let isGood = true
    for (const road of roads) isGood = (await ride(stack, { road, chatId }, print)) && isGood
    return isGood
  } finally {
    await stack.stop()
  }
}

async function ride(
  stack: LocalStack,
  { road, chatId }: { readonly road: Road; readonly chatId: string },
  print: (line: string) => void,
): Promise<boolean> {
  for (let request = 0; request < warmUps; request += 1) await send(stack, road.ask(chatId))
  stack.dataApi?.resetCalls()
  const times: number[] = []
  for (let request = 0; request < requests; request += 1) {
    const startedAt = performance.now()
    const response = await send(stack, road.ask(chatId))
    await response.arrayBuffer()
    times.push(performance.now() - startedAt)
  }
  const calls = stack.dataApi?.calls() ?? []
  const perRequest = calls.length / requests
  const inDatabase = calls.map(({ durationMs }) => durationMs ?? 0)
  print(
    `  ${road.name.padEnd(38)} ${perRequest} database call, p50 ${ms(times, 0.5)}, ` +
      `p95 ${ms(times, 0.95)}; of it in the database p50 ${ms(inDatabase, 0.5)}`,
  )
  return perRequest === 1
}

async function send({ ready }: LocalStack, { method, path, body }: Asked): Promise<Response> {
  const response = await fetch(`${ready.api}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${ready.token}`,
      ...(method === 'POST' && {
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`)
  return response
}

function ms(times: readonly number[], share: number): string {
  const sorted = times.toSorted((a, b) => a - b)
  return `${(sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1).padStart(5)} ms`
}
