import { createHash } from 'node:crypto'
import type { buildApp } from 'fauxqs'
import { addressFault } from './signed-address.ts'

type App = ReturnType<typeof buildApp>

/** The largest file of the product in one PUT; the package itself stops at 11 MiB. */
const mostObjectBytes = 101 * 1024 * 1024

/** What an answer carries instead of the object's own headers, when a signed address says so. */
const overrides: Readonly<Record<string, string>> = {
  'response-content-type': 'content-type',
  'response-content-disposition': 'content-disposition',
  'response-cache-control': 'cache-control',
}

/**
 * What the package leaves out of S3 and signed addresses are about: signatures and their time, the
 * headers they pin, checksums, forced headers of answers, copies of one version, large files.
 */
export function completeObjects(app: App): void {
  app.addContentTypeParser(
    /^(?!application\/x-(?:amz-json|www-form-urlencoded))/,
    { parseAs: 'buffer', bodyLimit: mostObjectBytes },
    (_request, body, done) => done(null, body),
  )
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.includes('X-Amz-Signature=')) return
    const { method, url: target, headers } = request
    const fault = addressFault({ method, target, headers, now: Date.now() })
    if (fault !== undefined) return refuse(reply, 403, fault)
  })
  app.addHook('preHandler', async ({ headers, body }, reply) => {
    const checksum = headers['x-amz-checksum-sha256']
    if (checksum === undefined || !Buffer.isBuffer(body)) return
    const actual = createHash('sha256').update(body).digest('base64')
    if (actual !== checksum) return refuse(reply, 400, 'BadDigest')
  })
  app.addHook('preHandler', async ({ headers, server }, reply) => {
    const source = headers['x-amz-copy-source']
    const version = headers['x-amz-copy-source-if-match']
    if (typeof source !== 'string' || version === undefined) return
    const url = source.startsWith('/') ? source : `/${source}`
    const seen = await server.inject({ method: 'HEAD', url })
    if (seen.headers.etag !== version) return refuse(reply, 412, 'PreconditionFailed')
  })
  app.addHook('onSend', async ({ query }, reply) => {
    if (reply.statusCode >= 300) return
    const asked = Object.entries((query ?? {}) as Readonly<Record<string, string>>)
    for (const [name, value] of asked) {
      const header = overrides[name]
      if (header !== undefined) reply.header(header, value)
    }
  })
}

function refuse(
  reply: { status(code: number): { type(name: string): { send(body: string): unknown } } },
  status: number,
  code: string,
): unknown {
  return reply.status(status).type('application/xml').send(`<Error><Code>${code}</Code></Error>`)
}
