import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import { listen } from './hostile-graph.ts'

interface ReceivedCall {
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

type Answer = (response: ServerResponse, call: ReceivedCall) => void

/** A program that is called by webhook, and answers as it is told to. Goes when its test ends. */
export async function receiver(answer: Answer = (response) => response.writeHead(204).end()) {
  const seen: ReceivedCall[] = []
  let current = answer
  let connections = 0
  const server = createServer(async (request, response) => {
    const call = { headers: request.headers, body: await readText(request) }
    seen.push(call)
    current(response, call)
  })
  server.on('connection', () => connections++)
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    seen,
    connections: () => connections,
    answerWith: (next: Answer) => {
      current = next
    },
  }
}

/**
 * Verifies as the specification of Standard Webhooks 1.0 has receivers do, written for itself: any
 * one of the signatures by this secret, over `id.timestamp.body`.
 */
export function isSignedBy(secret: string, { headers, body }: ReceivedCall): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const right = createHmac('sha256', key).update(content).digest()
  return String(headers['webhook-signature'])
    .split(' ')
    .map((each) => each.split(','))
    .some(([version, value = '']) => {
      const given = Buffer.from(value, 'base64')
      return version === 'v1' && given.length === right.length && timingSafeEqual(given, right)
    })
}
