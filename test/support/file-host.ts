import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Walls } from '#shared/adapters/whatsapp/guarded-get.ts'
import { makeGraphMedia } from '#shared/adapters/whatsapp/media.ts'
import { FileStopped } from '#shared/ports/provider-media.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { listen } from './hostile-graph.ts'

interface SeenCall {
  readonly path: string
  readonly authorization: string | undefined
}

type Serve = (response: ServerResponse, request: IncomingMessage) => void

/** A server that hands out files as it likes, and remembers who asked with what. */
export async function fileHost(serve: Serve) {
  const seen: SeenCall[] = []
  let connections = 0
  const server = createServer((request, response) => {
    seen.push({ path: request.url ?? '', authorization: request.headers.authorization })
    serve(response, request)
  })
  server.on('connection', () => connections++)
  const port = await listen(server)
  return { port, origin: `http://127.0.0.1:${port}`, seen, connections: () => connections }
}

export interface Announcement {
  readonly url?: unknown
  readonly sha256?: unknown
  readonly file_size?: unknown
}

/** A Graph API that says of every file that it is these bytes at this address. */
export async function graphThatSays(
  bytes: Uint8Array,
  { announce = {}, serve }: { announce?: Announcement; serve: Serve },
) {
  const host = await fileHost((response, request) => {
    if (!request.url?.startsWith('/v26.0/')) return serve(response, request)
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        messaging_product: 'whatsapp',
        id: '1098',
        mime_type: 'image/jpeg',
        url: `${host.origin}/file`,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        file_size: bytes.length,
        ...announce,
      }),
    )
  })
  return host
}

export const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(200_000, 'x')])
export const token = 'EAAtoken'

export function mediaAt(origin: string, walls: Partial<Walls> = {}, fetchTimeoutMs = 20_000) {
  return makeGraphMedia({
    graphUrl: origin,
    version: 'v26.0',
    token: async () => token,
    resolveTimeoutMs: 5000,
    fetchTimeoutMs,
    randomness: systemRandomness,
    walls,
  })
}

const wanted = {
  providerMediaId: '1098',
  sender: { phoneNumberId: '106540000000001', secretName: 'numero' },
}

/** The whole file, or why there is none, and how much of it was handed on until then. */
export async function fetched(media: ReturnType<typeof mediaAt>) {
  let handedOn = 0
  const hash = createHash('sha256')
  try {
    const file = await media.fetch(wanted)
    for await (const chunk of file.body) {
      handedOn += chunk.length
      hash.update(chunk)
    }
    return { stop: undefined, handedOn, sha256: hash.digest('hex') }
  } catch (error) {
    if (!(error instanceof FileStopped)) throw error
    return { stop: error.stop, handedOn, sha256: undefined }
  }
}

export const whole = (response: ServerResponse) => void response.end(bytes)
export const digest = (of: Uint8Array) => createHash('sha256').update(of).digest('hex')
export const right = { stop: undefined, handedOn: bytes.length, sha256: digest(bytes) }

/** Fetches what a Graph API announces with these words. */
export async function announcing(announce: Announcement, walls: Partial<Walls> = {}) {
  const graph = await graphThatSays(bytes, { announce, serve: whole })
  return { graph, ...(await fetched(mediaAt(graph.origin, walls))) }
}
