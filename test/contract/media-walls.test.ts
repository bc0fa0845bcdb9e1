import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  announcing,
  bytes,
  digest,
  fetched,
  fileHost,
  graphThatSays,
  mediaAt,
  right,
  token,
  whole,
} from '#test/support/file-host.ts'

describe('a file that is as announced', () => {
  it.each([
    ['in hex', digest(bytes)],
    ['in capital hex', digest(bytes).toUpperCase()],
    ['in base64', createHash('sha256').update(bytes).digest('base64')],
  ])('comes whole, its hash %s', async (_, sha256) => {
    const { graph, ...result } = await announcing({ sha256 })
    expect(result).toEqual(right)
    expect(graph.seen).toEqual([
      {
        path: '/v26.0/1098?phone_number_id=106540000000001',
        authorization: `Bearer ${token}`,
      },
      { path: '/file', authorization: `Bearer ${token}` },
    ])
  })

  it('comes over a redirect within the own origin, which is not shown the token again', async () => {
    const graph = await graphThatSays(bytes, {
      serve: (response, { url }) =>
        url === '/file' ? response.writeHead(302, { location: '/there' }).end() : whole(response),
    })
    expect(await fetched(mediaAt(graph.origin))).toEqual(right)
    expect(graph.seen.slice(1)).toEqual([
      { path: '/file', authorization: `Bearer ${token}` },
      { path: '/there', authorization: undefined },
    ])
  })
})

describe('addresses that are not gone to', () => {
  const local = '127.0.0.1'
  const addresses: readonly (readonly [string, (port: number) => string])[] = [
    ['loopback', (port) => `http://${local}:${port}/file`],
    ['loopback over https', (port) => `https://${local}:${port}/file`],
    ['loopback as a decimal number', (port) => `http://2130706433:${port}/file`],
    ['loopback in octal', (port) => `http://0177.0.0.1:${port}/file`],
    ['loopback in hex', (port) => `http://0x7f000001:${port}/file`],
    ['loopback in short', (port) => `http://127.1:${port}/file`],
    ['loopback in full-width digits', (port) => `http://１２７.0.0.1:${port}/file`],
    ['loopback by name', (port) => `http://localhost:${port}/file`],
    ['loopback by name with a dot', (port) => `http://localhost.:${port}/file`],
    ['IPv6 loopback', (port) => `http://[::1]:${port}/file`],
    ['mapped IPv4', (port) => `http://[::ffff:7f00:1]:${port}/file`],
    ['mapped IPv4 in dots', (port) => `http://[::ffff:127.0.0.1]:${port}/file`],
    ['all interfaces', (port) => `http://0.0.0.0:${port}/file`],
    ['the metadata of the machine', () => 'http://169.254.169.254/latest/meta-data/'],
    ['the credentials of the function', () => 'http://169.254.170.2/v2/credentials'],
    ['the metadata over IPv6', () => 'http://[fd00:ec2::254]/latest/'],
    ['a private network', () => 'https://10.0.0.1/file'],
    ['a stranger', () => 'https://files.example.com/file'],
    ['a stranger named like Meta', () => 'https://lookaside.fbsbx.com.example.com/file'],
    ['a stranger that ends like Meta', () => 'https://notlookaside.fbsbx.com/file'],
    ['a name below the known one', () => 'https://a.lookaside.fbsbx.com/file'],
    ['a known name with a dot', () => 'https://lookaside.fbsbx.com./file'],
    ['a known name over http', () => 'http://lookaside.fbsbx.com/file'],
    ['a known name on another port', () => 'https://lookaside.fbsbx.com:8443/file'],
    ['a known name as the user', (port) => `https://lookaside.fbsbx.com@${local}:${port}/file`],
    ['credentials at a known name', () => 'https://user:word@lookaside.fbsbx.com/file'],
    ['a backslash before the host', (port) => `https:\\\\${local}:${port}\\@lookaside.fbsbx.com/`],
    ['a file', () => 'file:///etc/passwd'],
    ['FTP', () => 'ftp://lookaside.fbsbx.com/file'],
    ['data', () => 'data:image/jpeg;base64,/9j/'],
    ['gopher', (port) => `gopher://${local}:${port}/_GET`],
    ['a blob', (port) => `blob:http://${local}:${port}/1`],
    ['a path alone', () => '/file'],
    ['no address', () => 'not an address'],
  ]
  it.each(addresses)('%s, told by the Graph API', async (_, address) => {
    const victim = await fileHost(whole)
    const { stop } = await announcing({ url: address(victim.port) })
    expect(stop).toBe('address-refused')
    expect(victim.connections()).toBe(0)
  })

  it.each(addresses.filter(([name]) => name !== 'a path alone' && name !== 'no address'))(
    '%s, by a redirect',
    async (_, address) => {
      const victim = await fileHost(whole)
      const location = encodeURI(address(victim.port)).replaceAll('%5C', '\\')
      const graph = await graphThatSays(bytes, {
        serve: (response) => void response.writeHead(302, { location }).end(),
      })
      expect((await fetched(mediaAt(graph.origin))).stop).toBe('address-refused')
      expect(victim.connections()).toBe(0)
    },
  )

  it('the own origin with credentials in front', async () => {
    const graph = await graphThatSays(bytes, {
      serve: (response, { headers }) =>
        void response.writeHead(302, { location: `http://u:p@${headers.host}/x` }).end(),
    })
    expect((await fetched(mediaAt(graph.origin))).stop).toBe('address-refused')
    expect(graph.seen.map(({ path }) => path)).not.toContain('/x')
  })

  it('redirects without end', async () => {
    const graph = await graphThatSays(bytes, {
      serve: (response, { url }) => void response.writeHead(307, { location: `${url}x` }).end(),
    })
    expect((await fetched(mediaAt(graph.origin))).stop).toBe('address-refused')
    expect(graph.seen).toHaveLength(5)
  })
})

describe('a known name that leads astray', () => {
  const url = 'https://lookaside.fbsbx.com/file'
  const astray = [
    '127.0.0.1',
    '127.8.9.10',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%lo',
    'ff02::1',
    'not an address',
  ]
  it.each(astray)('to %s is not gone to', async (address) => {
    expect((await announcing({ url }, { resolve: async () => [address] })).stop).toBe(
      'address-refused',
    )
  })

  it('to one bad address among good ones is not gone to', async () => {
    const resolve = async () => ['157.240.1.1', '10.0.0.1']
    expect((await announcing({ url }, { resolve })).stop).toBe('address-refused')
  })

  it('is asked for once, and the connection goes where the answer led', async () => {
    // Public by its form and given to nobody: no connection comes of it.
    const answers = [['2000::1'], ['127.0.0.1']]
    let asked = 0
    const resolve = async () => answers[asked++] ?? []
    expect((await announcing({ url }, { resolve, idleMs: 500 })).stop).toBe('unavailable')
    expect(asked).toBe(1)
  })

  it.each([
    ['to nothing', async () => []],
    ['nowhere', async () => Promise.reject(new Error('ENOTFOUND'))],
  ])('%s is tried again later', async (_, resolve) => {
    expect((await announcing({ url }, { resolve })).stop).toBe('unavailable')
  })
})

describe('the token', () => {
  it('is not shown to a second host', async () => {
    const second = await fileHost(whole)
    const first = await graphThatSays(bytes, {
      serve: (response) => void response.writeHead(302, { location: `${second.origin}/x` }).end(),
    })
    const trustedOrigins = [first.origin, second.origin]
    expect(await fetched(mediaAt(first.origin, { trustedOrigins }))).toEqual(right)
    expect(second.seen).toEqual([{ path: '/x', authorization: undefined }])
  })

  it('is not shown again to the first host that a second one leads back to', async () => {
    const second = await fileHost(
      (response) => void response.writeHead(302, { location: `${first.origin}/back` }).end(),
    )
    const first: Awaited<ReturnType<typeof graphThatSays>> = await graphThatSays(bytes, {
      serve: (response, { url }) =>
        url === '/back'
          ? whole(response)
          : response.writeHead(302, { location: `${second.origin}/x` }).end(),
    })
    const trustedOrigins = [first.origin, second.origin]
    expect(await fetched(mediaAt(first.origin, { trustedOrigins }))).toEqual(right)
    expect(first.seen.at(-1)).toEqual({ path: '/back', authorization: undefined })
  })
})
