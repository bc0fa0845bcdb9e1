import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '#infra/local/gateway/gateway.ts'
import type { Invoke } from '#infra/local/lambda/invocation.ts'

/** Answers every call with the event: the function is not what is tested here. */
const echo: Invoke = async (_, event) => ({ outcome: 'returned', requestId: 'r', payload: event })

let issuer: string
let issuerServer: Server
let discoveries = 0
let gateway: Gateway
let key: CryptoKey
let otherKey: CryptoKey
let ellipticKey: CryptoKey

beforeAll(async () => {
  const own = await generateKeyPair('RS256')
  key = own.privateKey
  otherKey = (await generateKeyPair('RS256')).privateKey
  ellipticKey = (await generateKeyPair('ES256')).privateKey
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
  issuerServer = createServer((request, response) => {
    const isDiscovery = request.url === '/.well-known/openid-configuration'
    if (isDiscovery) discoveries += 1
    const body = isDiscovery ? { issuer, jwks_uri: `${issuer}/keys` } : { keys: [jwk] }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  issuerServer.listen(0, '127.0.0.1')
  await once(issuerServer, 'listening')
  issuer = `http://127.0.0.1:${(issuerServer.address() as AddressInfo).port}`
  gateway = await gatewayFor(issuer)
})

afterAll(async () => {
  await gateway.close()
  issuerServer.closeAllConnections()
  issuerServer.close()
})

function gatewayFor(trusted: string): Promise<Gateway> {
  const authorizer = { issuer: trusted, audiences: ['recado', 'second'] }
  const route = { functionName: 'echo', authorizer }
  return startGateway({
    host: '127.0.0.1',
    port: 0,
    accountId: '000000000000',
    invoke: echo,
    routes: [
      { ...route, method: 'GET', path: '/chats', scopes: ['chats:read', 'chats:write'] },
      { ...route, method: 'GET', path: '/any-token', scopes: [] },
    ],
  })
}

interface Token {
  readonly claims?: Record<string, unknown>
  readonly signWith?: CryptoKey
  readonly algorithm?: string
  readonly kid?: string
}

const now = () => Math.floor(Date.now() / 1000)

/** A good token, changed as told; a claim set to undefined is left out. */
function token({ claims = {}, signWith = key, algorithm = 'RS256', kid = 'k1' }: Token = {}) {
  const good = {
    iss: issuer,
    aud: 'recado',
    sub: 'billing',
    client_id: 'billing',
    scope: 'chats:read messages:send',
    iat: now(),
    exp: now() + 60,
  }
  return new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: algorithm, kid })
    .sign(signWith)
}

const get = (path: string, authorization?: string) =>
  fetch(`${gateway.url}${path}`, authorization === undefined ? {} : { headers: { authorization } })

describe('a token that is good', () => {
  it('reaches the function as text claims and granted scopes', async () => {
    const claims = { groups: ['a', 'b'], level: 3, admin: true, nested: { x: 1 } }
    const answer = await get('/chats', `Bearer ${await token({ claims })}`)
    expect(answer.status).toBe(200)
    const { requestContext } = (await answer.json()) as { requestContext: unknown }
    expect(requestContext).toMatchObject({
      authorizer: {
        jwt: {
          claims: {
            iss: issuer,
            aud: 'recado',
            client_id: 'billing',
            scope: 'chats:read messages:send',
            exp: expect.stringMatching(/^\d+$/),
            groups: '[a b]',
            level: '3',
            admin: 'true',
            nested: '{"x":1}',
          },
          scopes: ['chats:read', 'messages:send'],
        },
      },
    })
  })

  it.each([
    ['another audience of the authorizer', { aud: ['x', 'second'] }],
    ['client_id in the place of aud', { aud: undefined, client_id: 'recado' }],
    ['one of the scopes, in scp', { scope: undefined, scp: ['chats:write'] }],
    ['scp as text', { scope: undefined, scp: 'x chats:write' }],
  ])('has %s', async (_, claims) => {
    expect((await get('/chats', `Bearer ${await token({ claims })}`)).status).toBe(200)
  })

  it('needs no scope where the route wants none, and no prefix', async () => {
    const answer = await get('/any-token', await token({ claims: { scope: undefined } }))
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      requestContext: { authorizer: { jwt: { scopes: null } } },
    })
  })

  it('costs one discovery', async () => {
    await get('/chats', `Bearer ${await token()}`)
    await get('/any-token', `Bearer ${await token()}`)
    expect(discoveries).toBe(1)
  })
})

describe('a token that is refused', () => {
  it.each<[string, () => Promise<string>]>([
    ['is expired', () => token({ claims: { exp: now() - 1 } })],
    ['never expires', () => token({ claims: { exp: undefined } })],
    ['is not valid yet', () => token({ claims: { nbf: now() + 60 } })],
    ['was issued in the future', () => token({ claims: { iat: now() + 60 } })],
    ['has another issuer', () => token({ claims: { iss: 'https://other.example' } })],
    ['has no issuer', () => token({ claims: { iss: undefined } })],
    ['has another audience', () => token({ claims: { aud: 'other', client_id: 'recado' } })],
    ['has no audience', () => token({ claims: { aud: undefined, client_id: undefined } })],
    ['is signed with another key', () => token({ signWith: otherKey })],
    ['names an unknown key', () => token({ signWith: otherKey, kid: 'k2' })],
    ['is signed with ES256', () => token({ signWith: ellipticKey, algorithm: 'ES256' })],
    [
      'is not signed',
      async () => new UnsecuredJWT({ scope: 'chats:read' }).setIssuer(issuer).encode(),
    ],
    ['is no token', async () => 'nonsense'],
    [
      'was changed',
      async () => (await token()).replace(/\.[^.]+\./, (part) => `${part.slice(0, -2)}x.`),
    ],
  ])('%s: 401', async (_, make) => {
    const answer = await get('/chats', `Bearer ${await make()}`)
    expect(answer.status).toBe(401)
    expect(await answer.json()).toStrictEqual({ message: 'Unauthorized' })
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer scope="" error="invalid_token"/)
  })

  it.each([undefined, '', 'Bearer', 'Bearer '])('is missing (%j): 401', async (header) => {
    const answer = await get('/chats', header)
    expect(answer.status).toBe(401)
    expect(await answer.json()).toStrictEqual({ message: 'Unauthorized' })
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
  })

  it.each([
    { scope: 'messages:send' },
    { scope: '' },
    { scope: undefined },
    { scope: 'chats:readx' },
  ])('lacks the scope (%j): 403', async (claims) => {
    const answer = await get('/chats', `Bearer ${await token({ claims })}`)
    expect(answer.status).toBe(403)
    expect(await answer.json()).toStrictEqual({ message: 'Forbidden' })
    expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope')
  })

  it('meets an issuer that does not answer: 401', async () => {
    const alone = await gatewayFor('http://127.0.0.1:1')
    const headers = { authorization: `Bearer ${await token()}` }
    expect((await fetch(`${alone.url}/chats`, { headers })).status).toBe(401)
    await alone.close()
  })

  it('still finds no route where there is none', async () => {
    expect((await get('/nowhere')).status).toBe(404)
  })
})
