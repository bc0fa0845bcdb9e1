import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from 'jose'
import * as z from 'zod'
import {
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  json,
  startHttpServer,
} from './http-server.ts'
import { loadJsonFile, saveJsonFile } from './json-file.ts'

export interface IssuerOptions {
  /** 0 takes a free one; the issuer's URL, and so `iss`, carries the port. */
  readonly port: number
  readonly audience: string
  readonly clients: readonly IssuerClient[]
  /** Keeps the signing keys, so that tokens survive a restart on the same port. */
  readonly keyFile?: string
}

interface IssuerClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: readonly string[]
  /** Shown as the claim `tenant`, for people who read a token; nothing may rely on it. */
  readonly tenant?: string
}

interface TokenOptions {
  /** Default 3600; negative makes an expired one. */
  readonly expiresInSeconds?: number
  /** Default: all of the client's. */
  readonly scopes?: readonly string[]
}

export interface Issuer extends HttpServer {
  /** An access token of a known client, RS256. @throws for an unknown client. */
  token(clientId: string, options?: TokenOptions): Promise<string>
  /** Signs with a new key from now on; earlier tokens stay valid. */
  rotateKey(): Promise<void>
}

const lifetimeSeconds = 3600
const keyFileShape = z.object({ keys: z.array(z.looseObject({ kid: z.string() })).min(1) })

/** An OIDC issuer for one machine: discovery, JWKS, and client credentials at `POST /token`. */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const keys = await openKeys(options.keyFile)
  const clients = new Map(options.clients.map((client) => [client.clientId, client]))

  const token: Issuer['token'] = async (clientId, tokenOptions = {}) => {
    const client = clients.get(clientId)
    if (client === undefined) throw new Error(`the issuer does not know the client ${clientId}`)
    return sign({ issuer: server.url, audience: options.audience, key: keys.current() }, client, {
      expiresInSeconds: tokenOptions.expiresInSeconds ?? lifetimeSeconds,
      scopes: tokenOptions.scopes ?? client.scopes,
    })
  }
  const routes: Readonly<
    Record<string, (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>>
  > = {
    'GET /.well-known/openid-configuration': () => json(200, discovery(server.url, clients)),
    'GET /jwks.json': () => json(200, { keys: keys.published() }),
    'POST /token': (request) => grant(request, clients, token),
  }
  const server = await startHttpServer({
    port: options.port,
    handle: (request) =>
      routes[`${request.method} ${request.path}`]?.(request) ?? json(404, { error: 'not_found' }),
  })
  return { ...server, token, rotateKey: keys.rotate }
}

interface Keys {
  current(): JWK
  published(): JWK[]
  rotate(): Promise<void>
}

async function openKeys(keyFile: string | undefined): Promise<Keys> {
  const stored = loadJsonFile(keyFile)
  const keys: JWK[] = stored === undefined ? [await newKey()] : keyFileShape.parse(stored).keys
  const save = () => saveJsonFile(keyFile, { keys })
  save()
  return {
    current: () => keys[0] ?? {},
    published: () =>
      keys.map(({ kty, n, e, kid }) => ({ kty, n, e, kid, alg: 'RS256', use: 'sig' }) as JWK),
    async rotate() {
      keys.unshift(await newKey())
      save()
    },
  }
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk) }
}

interface Signing {
  readonly issuer: string
  readonly audience: string
  readonly key: JWK
}

async function sign(
  signing: Signing,
  client: IssuerClient,
  options: Required<TokenOptions>,
): Promise<string> {
  const issuedAt = Math.floor(Date.now() / 1000)
  return new SignJWT({
    client_id: client.clientId,
    scope: options.scopes.join(' '),
    ...(client.tenant === undefined ? {} : { tenant: client.tenant }),
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: signing.key.kid ?? '' })
    .setIssuer(signing.issuer)
    .setSubject(client.clientId)
    .setAudience(signing.audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + options.expiresInSeconds)
    .setJti(randomUUID())
    .sign(await importJWK(signing.key, 'RS256'))
}

function discovery(url: string, clients: ReadonlyMap<string, IssuerClient>) {
  return {
    issuer: url,
    jwks_uri: `${url}/jwks.json`,
    token_endpoint: `${url}/token`,
    grant_types_supported: ['client_credentials'],
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    scopes_supported: [...new Set([...clients.values()].flatMap(({ scopes }) => scopes))],
  }
}

/** RFC 6749, sections 4.4 and 5. */
async function grant(
  request: HttpRequest,
  clients: ReadonlyMap<string, IssuerClient>,
  token: Issuer['token'],
): Promise<HttpAnswer> {
  const form = readForm(request)
  if (form === undefined) return refusal('invalid_request', 'a form with each field once')
  const given = credentials(request, form)
  if (given === 'both') return refusal('invalid_request', 'one way to authenticate, not two')
  const client = clients.get(given?.clientId ?? '')
  if (client === undefined || !sameSecret(given?.clientSecret ?? '', client.clientSecret)) {
    return refusal('invalid_client', 'unknown client or wrong secret')
  }
  const grantType = form.get('grant_type')
  if (grantType === null) return refusal('invalid_request', 'grant_type is missing')
  if (grantType !== 'client_credentials') {
    return refusal('unsupported_grant_type', 'only client_credentials')
  }
  const asked = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '')
  if (asked.some((scope) => !client.scopes.includes(scope))) {
    return refusal('invalid_scope', 'the client does not have every scope asked for')
  }
  const scopes = asked.length > 0 ? asked : client.scopes
  return json(
    200,
    {
      access_token: await token(client.clientId, { scopes }),
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
      scope: scopes.join(' '),
    },
    noStore,
  )
}

const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' }

function readForm(request: HttpRequest): URLSearchParams | undefined {
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded')) return undefined
  const form = new URLSearchParams(request.body.toString('utf8'))
  return new Set(form.keys()).size === form.size ? form : undefined
}

interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}

function credentials(
  request: HttpRequest,
  form: URLSearchParams,
): Credentials | 'both' | undefined {
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (basic === undefined) {
    return {
      clientId: form.get('client_id') ?? '',
      clientSecret: form.get('client_secret') ?? '',
    }
  }
  if (form.has('client_secret')) return 'both'
  const [clientId = '', clientSecret = ''] = Buffer.from(basic, 'base64').toString().split(/:(.*)/s)
  return { clientId: formDecode(clientId), clientSecret: formDecode(clientSecret) }
}

/** RFC 6749, section 2.3.1: both halves are form-encoded before they are joined. */
function formDecode(text: string): string {
  return new URLSearchParams(`value=${text.replaceAll('&', '%26')}`).get('value') ?? ''
}

function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

function refusal(error: string, description: string): HttpAnswer {
  const unauthorized = error === 'invalid_client'
  return json(
    unauthorized ? 401 : 400,
    { error, error_description: description },
    unauthorized ? { ...noStore, 'www-authenticate': 'Basic realm="token"' } : noStore,
  )
}
