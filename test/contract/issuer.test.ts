import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Issuer, type IssuerOptions, startIssuer } from '#infra/local/issuer.ts'

const clients = [
  {
    clientId: 'back-office',
    clientSecret: 'a:b&c=ç%',
    scopes: ['chats:read', 'chats:write', 'messages:send'],
    tenant: 'demo',
  },
  { clientId: 'inbox', clientSecret: 'outro', scopes: ['chats:read'] },
] as const
const options: IssuerOptions = { port: 0, audience: 'recado', clients }
let issuer: Issuer

beforeEach(async () => {
  issuer = await startIssuer(options)
})
afterEach(() => issuer.close())

async function verify(token: string) {
  const found = await fetch(`${issuer.url}/.well-known/openid-configuration`)
  const discovery = (await found.json()) as { issuer: string; jwks_uri: string }
  return jwtVerify(token, createRemoteJWKSet(new URL(discovery.jwks_uri)), {
    issuer: discovery.issuer,
    audience: 'recado',
    algorithms: ['RS256'],
  })
}

function ask(fields: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(`${issuer.url}/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(fields),
  })
}

const credentials = { client_id: 'back-office', client_secret: 'a:b&c=ç%' }
const grant = { grant_type: 'client_credentials' }

describe('OIDC issuer for one machine', () => {
  it('is discovered, and its tokens verify against its JWKS', async () => {
    const { payload, protectedHeader } = await verify(await issuer.token('back-office'))
    expect(protectedHeader.alg).toBe('RS256')
    expect(payload).toEqual({
      iss: issuer.url,
      sub: 'back-office',
      aud: 'recado',
      client_id: 'back-office',
      tenant: 'demo',
      scope: 'chats:read chats:write messages:send',
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 3600,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  it('publishes public halves only', async () => {
    const published = await (await fetch(`${issuer.url}/jwks.json`)).json()
    expect(published).toEqual({
      keys: [
        {
          kty: 'RSA',
          n: expect.any(String),
          e: 'AQAB',
          kid: decodeProtectedHeader(await issuer.token('inbox')).kid,
          alg: 'RS256',
          use: 'sig',
        },
      ],
    })
  })

  it('makes expired tokens and tokens of fewer scopes for tests', async () => {
    const expired = await issuer.token('inbox', { expiresInSeconds: -60 })
    await expect(verify(expired)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' })
    const { payload } = await verify(await issuer.token('back-office', { scopes: [] }))
    expect(payload.scope).toBe('')
    await expect(issuer.token('nobody')).rejects.toThrow('nobody')
  })

  it('grants client credentials given in the form, with all scopes', async () => {
    const answer = await ask({ ...grant, ...credentials })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const body = (await answer.json()) as { access_token: string }
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'chats:read chats:write messages:send',
    })
    expect((await verify(body.access_token)).payload.sub).toBe('back-office')
  })

  it('grants client credentials given as Basic, with the scopes asked for', async () => {
    const pair = `back-office:${encodeURIComponent('a:b&c=ç%')}`
    const answer = await ask(
      { ...grant, scope: 'messages:send chats:read' },
      { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
    )
    expect(answer.status).toBe(200)
    const body = (await answer.json()) as { access_token: string; scope: string }
    expect(body.scope).toBe('messages:send chats:read')
    expect((await verify(body.access_token)).payload.scope).toBe('messages:send chats:read')
  })

  it.each([
    [401, 'invalid_client', { ...grant, ...credentials, client_secret: 'wrong' }],
    [401, 'invalid_client', { ...grant, client_id: 'nobody', client_secret: 'wrong' }],
    [401, 'invalid_client', grant],
    [400, 'invalid_request', credentials],
    [400, 'unsupported_grant_type', { ...credentials, grant_type: 'password' }],
    [400, 'invalid_scope', { ...grant, ...credentials, scope: 'chats:read everything' }],
  ] as const)('refuses with %i %s', async (status, error, fields) => {
    const answer = await ask(fields)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ error })
    expect(answer.headers.has('www-authenticate')).toBe(status === 401)
  })

  it('refuses two ways to authenticate, a repeated field, and a body that is no form', async () => {
    const basic = { authorization: `Basic ${btoa('inbox:outro')}` }
    const twice = new URLSearchParams([
      ...Object.entries({ ...grant, ...credentials }),
      ['scope', 'chats:read'],
      ['scope', 'chats:write'],
    ])
    const post = (body: string | URLSearchParams) =>
      fetch(`${issuer.url}/token`, { method: 'POST', body })
    for (const answer of [
      await ask({ ...grant, ...credentials }, basic),
      await post(twice),
      await post(JSON.stringify(credentials)),
    ]) {
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ error: 'invalid_request' })
    }
    expect((await fetch(`${issuer.url}/token`)).status).toBe(404)
    expect((await post('a'.repeat(11 * 1024 * 1024))).status).toBe(413)
  })

  it('keeps earlier tokens valid when its key changes', async () => {
    const before = await issuer.token('inbox')
    await issuer.rotateKey()
    const after = await issuer.token('inbox')
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid)
    await expect(verify(before)).resolves.toBeDefined()
    await expect(verify(after)).resolves.toBeDefined()
  })

  it('keeps its keys in a file, so that tokens survive a restart', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'issuer-'))
    try {
      const keyFile = join(directory, 'issuer.json')
      await issuer.close()
      issuer = await startIssuer({ ...options, keyFile })
      const token = await issuer.token('inbox')
      await issuer.close()
      issuer = await startIssuer({ ...options, keyFile, port: issuer.port })
      await expect(verify(token)).resolves.toMatchObject({ payload: { sub: 'inbox' } })
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
