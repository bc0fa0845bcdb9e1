import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { makeHttpInstallments, makeHttpMovements } from '#shared/adapters/billing/http-billing.ts'
import type { BillingSettings } from '#shared/ports/directory.ts'

type Answer = (call: IncomingMessage, response: ServerResponse) => void

const right = { status: 'OPEN', dueOn: '2026-12-10', balanceCents: 10_000 }
const json =
  (status: number, body: unknown): Answer =>
  (_call, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

interface HostileRow {
  readonly name: string
  readonly answer: Answer
}

const hostile: readonly HostileRow[] = [
  { name: 'an error', answer: json(500, right) },
  { name: 'a refusal of the token', answer: json(401, right) },
  { name: 'a 403', answer: json(403, right) },
  { name: 'a 204', answer: json(204, '') },
  { name: 'no JSON', answer: json(200, '<html>ok</html>') },
  { name: 'an empty body', answer: json(200, '') },
  { name: 'a list', answer: json(200, [right]) },
  { name: 'null', answer: json(200, 'null') },
  { name: 'an unknown status', answer: json(200, { ...right, status: 'LATE' }) },
  { name: 'no status', answer: json(200, { dueOn: right.dueOn, balanceCents: 1 }) },
  { name: 'an impossible day', answer: json(200, { ...right, dueOn: '2026-02-30' }) },
  { name: 'a float balance', answer: json(200, { ...right, balanceCents: 1.5 }) },
  { name: 'a balance as text', answer: json(200, { ...right, balanceCents: '10000' }) },
  { name: 'a negative balance', answer: json(200, { ...right, balanceCents: -1 }) },
  {
    name: 'more than 64 KB',
    answer: json(200, { ...right, padding: 'x'.repeat(65 * 1024) }),
  },
  {
    name: 'a body that never ends',
    answer: (_call, response) => {
      response.writeHead(200)
      response.write('{"status":')
    },
  },
  {
    name: 'bytes without end',
    answer: (_call, response) => {
      response.writeHead(200)
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(16 * 1024)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    },
  },
  { name: 'nothing at all', answer: () => undefined },
  { name: 'a broken connection', answer: (call) => void call.socket.destroy() },
  {
    name: 'half an answer',
    answer: (call, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write(JSON.stringify(right), () => call.socket.destroy())
    },
  },
  {
    name: 'a compressed body',
    answer: (_call, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]))
    },
  },
  {
    name: 'UTF-16',
    answer: (_call, response) => {
      response.writeHead(200)
      response.end(Buffer.from(JSON.stringify(right), 'utf16le'))
    },
  },
]

describe("a tenant's finance system over HTTP", () => {
  const closers: (() => void)[] = []
  afterEach(() => {
    for (const close of closers.splice(0)) close()
  })

  const serve = async (answer: Answer) => {
    const seen: { readonly path: string | undefined; readonly token: string | undefined }[] = []
    const server = createServer((call, response) => {
      seen.push({ path: call.url, token: call.headers.authorization })
      answer(call, response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }
  }

  const partsOf = (
    baseUrl: string | undefined,
    more: { readonly addresses?: 'public' | 'any'; readonly resolved?: readonly string[] } = {},
  ) => {
    const settings: BillingSettings | undefined =
      baseUrl === undefined ? undefined : { baseUrl, secretName: 'erp', timeoutMs: 300 }
    const reads: { readonly name: string; readonly fresh: boolean | undefined }[] = []
    return {
      reads,
      directory: { billingService: async () => settings },
      secrets: {
        read: async (name: string, options?: { readonly fresh?: boolean }) => {
          reads.push({ name, fresh: options?.fresh })
          return JSON.stringify({ accessToken: options?.fresh ? 'new-token' : 'old-token' })
        },
      },
      secretPrefix: 'recado/billing/',
      resolve: async () => more.resolved ?? ['127.0.0.1'],
      addresses: more.addresses ?? ('any' as const),
    }
  }
  const ask = (parts: ReturnType<typeof partsOf>, within = 5_000) =>
    makeHttpInstallments(parts).current('7', 'par-1', within)

  it('is asked with its token, and says what is true now', async () => {
    const { seen, url } = await serve(json(200, { ...right, note: 'ignored' }))
    const parts = partsOf(url)
    expect(await ask(parts)).toEqual(right)
    expect(seen).toEqual([{ path: '/v1/installments/par-1', token: 'Bearer old-token' }])
    expect(parts.reads).toEqual([{ name: 'recado/billing/erp', fresh: false }])
  })

  it('is asked for movements, too', async () => {
    const { seen, url } = await serve(json(200, { status: 'CANCELLED', amountCents: 30_000 }))
    const current = await makeHttpMovements(partsOf(url)).current('7', 'a/b', 5_000)
    expect(current).toEqual({ status: 'CANCELLED', amountCents: 30_000 })
    expect(seen.map(({ path }) => path)).toEqual(['/v1/movements/a%2Fb'])
  })

  it.each([404, 410])('knows of none when it answers %i', async (status) => {
    const { url } = await serve(json(status, {}))
    expect(await ask(partsOf(url))).toBe('not-found')
  })

  it('gets a token that was just changed', async () => {
    const { seen, url } = await serve((call, response) =>
      json(call.headers.authorization === 'Bearer new-token' ? 200 : 401, right)(call, response),
    )
    expect(await ask(partsOf(url))).toEqual(right)
    expect(seen.map(({ token }) => token)).toEqual(['Bearer old-token', 'Bearer new-token'])
  })

  it.each(hostile)('is unreachable when it answers $name', async ({ answer }) => {
    const { seen, url } = await serve(answer)
    expect(await ask(partsOf(url))).toBe('unreachable')
    expect(seen.length).toBeGreaterThanOrEqual(1)
  })

  it('is not followed elsewhere', async () => {
    const other = await serve(json(200, right))
    const { url } = await serve((_call, response) => {
      response.writeHead(302, { location: `${other.url}/installments/par-1` })
      response.end()
    })
    expect(await ask(partsOf(url))).toBe('unreachable')
    expect(other.seen).toEqual([])
  })

  it('is asked over https at public addresses only', async () => {
    const { seen, url } = await serve(json(200, right))
    for (const [baseUrl, more] of [
      [url, { addresses: 'public' }],
      ['http://erp.exemplo.com.br', { resolved: ['203.0.113.7'] }],
      ['https://erp.exemplo.com.br', { resolved: ['10.0.0.7'] }],
      ['https://erp.exemplo.com.br', { resolved: ['169.254.169.254'] }],
      ['https://erp.exemplo.com.br', { resolved: [] }],
      ['https://169.254.169.254', { resolved: ['169.254.169.254'] }],
      ['file:///etc/passwd', {}],
      ['not an address', {}],
    ] as const) {
      const parts = partsOf(baseUrl, more)
      expect(await ask(parts), baseUrl).toBe('unreachable')
      expect(parts.reads, baseUrl).toEqual([])
    }
    expect(seen).toEqual([])
  })

  it('is not asked when no time is left, or the tenant has none', async () => {
    const { seen, url } = await serve(json(200, right))
    expect(await ask(partsOf(url), 0)).toBe('unreachable')
    expect(await ask(partsOf(undefined))).toBe('unreachable')
    expect(seen).toEqual([])
  })
})
