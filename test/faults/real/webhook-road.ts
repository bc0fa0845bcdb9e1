import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { Luck } from '../simulation/luck.ts'

export interface WebhookRoad {
  /** Where the phones send their webhooks. */
  readonly url: string
  readonly counts: { readonly posts: number; readonly copies: number; readonly refused: number }
  /** Copies that are still on their way. */
  outstanding(): number
  /** How many of each webhook arrive; above one they are also shuffled. */
  setCopies(copies: number): void
  close(): Promise<void>
}

const mostWaitMs = 700
const mostCopyWaitMs = 3000
const timeoutMs = 10_000

interface Post {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Stands between the phones and the gateways: each webhook arrives several times, at gateways
 * chosen by chance and late by chance, so that their order is lost. The phones are told what
 * became of the first copy; the others are posted once and forgotten.
 */
export async function startWebhookRoad(gateway: () => string, luck: Luck): Promise<WebhookRoad> {
  const counts = { posts: 0, copies: 0, refused: 0 }
  let copies = 1
  let outstanding = 0

  async function deliver({ body, headers }: Post): Promise<number | undefined> {
    counts.copies += 1
    try {
      const response = await fetch(`${gateway()}/webhooks/whatsapp`, {
        method: 'POST',
        headers,
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(timeoutMs),
      })
      await response.arrayBuffer()
      if (response.status !== 200) counts.refused += 1
      return response.status
    } catch {
      counts.refused += 1
      return undefined
    }
  }

  async function deliverCopy(post: Post): Promise<void> {
    outstanding += 1
    await pause(luck.upTo(mostCopyWaitMs))
    await deliver(post)
    outstanding -= 1
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    counts.posts += 1
    const post = { body: await buffer(incoming), headers: headersOf(incoming) }
    for (let copy = 1; copy < copies; copy += 1) void deliverCopy(post)
    if (copies > 1) await pause(luck.upTo(mostWaitMs))
    const status = await deliver(post)
    if (status === undefined) return void response.destroy()
    response.writeHead(status).end()
  }

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/whatsapp`,
    counts,
    outstanding: () => outstanding,
    setCopies: (next) => {
      copies = next
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return {
    'content-type': headers['content-type'] ?? '',
    'x-hub-signature-256': String(headers['x-hub-signature-256']),
  }
}
