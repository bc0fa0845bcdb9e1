import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Flow, startFlow } from '#test/support/stack.ts'

describe('the reference page', () => {
  let flow: Flow
  let page: Answer
  /** Every address that the page names. */
  let addresses: readonly string[]

  const get = (path: `/${string}`, headers?: Readonly<Record<string, string>>) =>
    flow.ask(`GET ${path}`, { token: null, ...(headers && { headers }) })

  beforeAll(async () => {
    flow = await startFlow()
    page = await get('/docs')
    addresses = [...page.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, to = '']) => to)
  })
  afterAll(() => flow?.stop())

  it('shows anybody the very document of the repository', async () => {
    const { status, headers, text } = await get('/openapi.json')
    expect({ status, type: headers.get('content-type') }).toEqual({
      status: 200,
      type: 'application/json',
    })
    expect(text).toBe(await readFile('docs/openapi.json', 'utf8'))
  })

  it('is HTML that names nothing of another host', () => {
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(addresses.length).toBeGreaterThanOrEqual(5)
    for (const address of addresses) expect(address).toMatch(/^(\/[^/]|data:,$)/)
    expect(page.text).not.toMatch(/https?:|<script>|\{version\}/)
  })

  it('lets the browser ask its own host and no other', () => {
    const policy = page.headers.get('content-security-policy') ?? ''
    const rules = new Map(
      policy.split(';').map((rule) => {
        const [name = '', ...sources] = rule.trim().split(' ')
        return [name, sources]
      }),
    )
    expect(rules.get('default-src')).toEqual(["'none'"])
    for (const [name, sources] of rules) {
      for (const source of sources) {
        expect(["'none'", "'self'", "'unsafe-inline'", 'data:'], name).toContain(source)
      }
    }
    expect(rules.get('script-src')).toEqual(["'self'"])
    expect(rules.get('connect-src')).toEqual(["'self'"])
  })

  it('has all that it loads, kept by browsers for good, and nothing in it loads more', async () => {
    const assets = addresses.filter((address) => address.startsWith('/docs/'))
    expect(assets).toHaveLength(3)
    for (const asset of assets) {
      const { status, headers, text } = await get(asset as `/${string}`)
      expect(status, asset).toBe(200)
      expect(headers.get('content-type'), asset).toMatch(/^text\/(css|javascript); charset=utf-8$/)
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(text.length, asset).toBeGreaterThan(100)
      if (!asset.includes('bundle')) expect(text, asset).not.toMatch(/url\(["']?(https?:)?\/\//)
    }
  })

  it('is the same packed or not, and is not sent again to whoever has it', async () => {
    // fetch asks for gzip by itself and unpacks.
    const packed = await get('/docs/swagger-ui.css')
    const plain = await get('/docs/swagger-ui.css', { 'accept-encoding': 'identity' })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(packed.text).toBe(plain.text)
    const etag = packed.headers.get('etag') ?? ''
    const again = await get('/docs/swagger-ui.css', { 'if-none-match': etag })
    expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' })
  })

  it.each(['/docs/nothing.js', '/docs/..%2fopenapi.json', '/docs/__proto__', '/docs/index.html'])(
    '%s is not there',
    async (path) => {
      expect((await get(path as `/${string}`)).status).toBe(404)
    },
  )
})
