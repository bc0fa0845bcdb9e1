import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'

/** A text that anybody may read. */
interface PublicFile {
  readonly contentType: string
  readonly text: string
  readonly cacheControl: string
}

/** Nothing that is read or run comes from anywhere else. */
const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

/**
 * Answers GETs of these paths, packed for whoever takes gzip; other paths are 404. A file that the
 * reader has already is not sent again (RFC 9110 §13.1.2).
 */
export function publicFiles(files: Readonly<Record<string, PublicFile>>) {
  const tags = new Map(Object.entries(files).map(([path, { text }]) => [path, etagOf(text)]))
  const packed = new Map<string, string>()
  const pack = (path: string, { text }: PublicFile) => {
    const known = packed.get(path) ?? gzipSync(text).toString('base64')
    packed.set(path, known)
    return known
  }
  return async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const path = event.rawPath
    const etag = tags.get(path)
    const file = files[path]
    if (etag === undefined || file === undefined) return notFound
    const shown = { ...headers, etag, 'cache-control': file.cacheControl, vary: 'accept-encoding' }
    if (event.headers['if-none-match']?.includes(etag)) return { statusCode: 304, headers: shown }
    const answer = { statusCode: 200, headers: { ...shown, 'content-type': file.contentType } }
    if (!/\bgzip\b/.test(event.headers['accept-encoding'] ?? '')) {
      return { ...answer, body: file.text }
    }
    return {
      ...answer,
      headers: { ...answer.headers, 'content-encoding': 'gzip' },
      body: pack(path, file),
      isBase64Encoded: true,
    }
  }
}

const notFound = {
  statusCode: 404,
  headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
  body: 'not found',
}

/** Weak: the bytes differ with the encoding, what they say does not. */
function etagOf(text: string): string {
  return `W/"${versionOf(text)}"`
}

/** Changes with what the texts say. */
export function versionOf(...texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text)
  return hash.digest('base64url').slice(0, 16)
}
