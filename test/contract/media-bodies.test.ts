import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  type Announcement,
  announcing,
  bytes,
  fetched,
  fileHost,
  graphThatSays,
  mediaAt,
  whole,
} from '#test/support/file-host.ts'

/** Long enough for a busy machine, short enough to wait for. */
const shortMs = 700

type Serving = readonly [string, (response: ServerResponse) => void, string]

describe('bodies that are not as announced', () => {
  const changed = Buffer.from(bytes)
  changed[100_000] = 0
  const servings: readonly Serving[] = [
    ['other bytes', (r) => void r.end(changed), 'mismatch'],
    ['a shorter body', (r) => void r.end(bytes.subarray(1)), 'mismatch'],
    ['a longer body', (r) => void r.end(Buffer.concat([bytes, bytes])), 'mismatch'],
    ['nothing', (r) => void r.end(), 'mismatch'],
    ['a shorter body of unknown length', (r) => chunked(r, bytes.subarray(1)), 'mismatch'],
    [
      'a longer body of unknown length',
      (r) => chunked(r, Buffer.concat([bytes, bytes])),
      'mismatch',
    ],
    ['a body without end', (r) => endless(r), 'mismatch'],
    [
      'a length of 10 GB',
      (r) => void r.writeHead(200, { 'content-length': 1e10 }).write('x'),
      'mismatch',
    ],
    [
      'a gzip bomb',
      (r) => void r.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(50_000_000))),
      'mismatch',
    ],
    [
      'the right bytes in gzip',
      (r) => void r.setHeader('content-encoding', 'gzip').end(gzipSync(bytes)),
      'mismatch',
    ],
    ['deflate', (r) => void r.setHeader('content-encoding', 'deflate').end(bytes), 'mismatch'],
    ['half a body and a reset', (r) => half(r), 'unavailable'],
    ['half a body and an end', (r) => halfEnded(r), 'unavailable'],
    ['404', (r) => void r.writeHead(404).end('URL signature expired'), 'unavailable'],
    ['401', (r) => void r.writeHead(401).end(), 'token-refused'],
    ['429', (r) => void r.writeHead(429).end(), 'throttled'],
    ['500', (r) => void r.writeHead(500).end(), 'unavailable'],
    ['206', (r) => void r.writeHead(206).end(bytes), 'unavailable'],
    ['304', (r) => void r.writeHead(304).end(), 'unavailable'],
    ['a redirect to nowhere', (r) => void r.writeHead(302).end(), 'unavailable'],
    ['a reset', (r) => r.socket?.resetAndDestroy(), 'unavailable'],
    ['no HTTP', (r) => void r.socket?.end('SSH-2.0-OpenSSH\r\n'), 'unavailable'],
  ]
  it.each(servings)('%s', async (_, serve, stop) => {
    const graph = await graphThatSays(bytes, { serve })
    const result = await fetched(mediaAt(graph.origin))
    expect(result.stop).toBe(stop)
    // Whoever writes the bytes as they come never has all of them.
    expect(result.handedOn).toBeLessThan(bytes.length)
  })

  const slow: readonly (readonly [string, (response: ServerResponse) => void])[] = [
    ['no headers', () => undefined],
    ['headers and nothing more', (response) => response.flushHeaders()],
    ['a byte now and then', (response) => drip(response)],
  ]
  it.each(slow)('%s: given up after the limit of the whole', async (_, serve) => {
    const graph = await graphThatSays(bytes, { serve })
    const result = await fetched(mediaAt(graph.origin, {}, shortMs))
    expect(result.stop).toBe('unavailable')
  })

  it.each(slow.slice(0, 2))('%s: given up after the limit of silence', async (_, serve) => {
    const graph = await graphThatSays(bytes, { serve })
    expect((await fetched(mediaAt(graph.origin, { idleMs: 200 }))).stop).toBe('unavailable')
  })
})

describe('what the Graph API says of a file', () => {
  const words: readonly (readonly [string, Announcement, string])[] = [
    ['101 MB', { file_size: 101 * 1024 * 1024 }, 'too-large'],
    ['a size as text', { file_size: String(bytes.length) }, 'none'],
    ['no size', { file_size: undefined }, 'unavailable'],
    ['a negative size', { file_size: -1 }, 'unavailable'],
    ['no hash', { sha256: undefined }, 'unavailable'],
    ['a hash that is none', { sha256: 'abc' }, 'unavailable'],
    ['another hash', { sha256: '0'.repeat(64) }, 'mismatch'],
    ['another size', { file_size: bytes.length + 1 }, 'mismatch'],
    ['no address', { url: undefined }, 'unavailable'],
    ['an address that is a number', { url: 7 }, 'unavailable'],
  ]
  it.each(words)('%s: %j ends as %s', async (_, announce, stop) => {
    expect((await announcing(announce)).stop ?? 'none').toBe(stop)
  })

  const refusals: readonly (readonly [string, number, unknown, string])[] = [
    ['that it does not exist', 400, { error: { code: 100, error_subcode: 33 } }, 'gone'],
    ['404 without a word', 404, '<html>', 'gone'],
    ['that the token is not valid', 401, { error: { code: 190 } }, 'token-refused'],
    ['that a permission is missing', 403, { error: { code: 10 } }, 'token-refused'],
    ['401 without a word', 401, '', 'token-refused'],
    ['that it is asked too often', 429, { error: { code: 80007 } }, 'throttled'],
    ['429 without a word', 429, '', 'throttled'],
    ['that it is not well', 503, { error: { code: 2 } }, 'unavailable'],
    ['500 without a word', 500, '', 'unavailable'],
    ['HTML with 200', 200, '<html>', 'unavailable'],
    ['more than anybody reads', 200, 'x'.repeat(200_000), 'unavailable'],
  ]
  it.each(refusals)('%s', async (_, ...[status, body, stop]) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const graph = await fileHost((response) => void response.writeHead(status).end(text))
    expect((await fetched(mediaAt(graph.origin))).stop).toBe(stop)
  })

  it('a redirect of the Graph API itself is not followed', async () => {
    const victim = await fileHost(whole)
    const graph = await fileHost(
      (response) => void response.writeHead(302, { location: victim.origin }).end(),
    )
    expect((await fetched(mediaAt(graph.origin))).stop).toBe('unavailable')
    expect(victim.connections()).toBe(0)
  })

  it('nobody answers at all', async () => {
    expect((await fetched(mediaAt('http://127.0.0.1:9'))).stop).toBe('unavailable')
  })
})

function chunked(response: ServerResponse, body: Buffer): void {
  response.write(body.subarray(0, 10))
  response.end(body.subarray(10))
}

function endless(response: ServerResponse): void {
  const pump = () => {
    while (!response.destroyed && response.write(bytes)) {}
  }
  response.on('drain', pump)
  pump()
}

function half(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': bytes.length })
  response.write(bytes.subarray(0, 1000), () => response.socket?.resetAndDestroy())
}

function halfEnded(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': bytes.length })
  response.write(bytes.subarray(0, 1000), () => response.socket?.end())
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': bytes.length })
  const timer = setInterval(() => response.write('x'), 20)
  response.on('close', () => clearInterval(timer))
}
