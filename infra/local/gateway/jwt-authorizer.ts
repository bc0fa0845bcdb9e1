import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as z from 'zod'
import type { JwtContext } from './request-event.ts'

export interface JwtSettings {
  readonly issuer: string
  readonly audiences: readonly string[]
}

type Decision =
  | { readonly allowed: true; readonly jwt: JwtContext }
  | {
      readonly allowed: false
      readonly status: 401 | 403
      /** Value of `www-authenticate`. */
      readonly challenge: string
      readonly reason: string
    }

/** Decides over an Authorization header and the scopes that a route wants one of. */
export type Authorize = (header: string | undefined, scopes: readonly string[]) => Promise<Decision>

/** HTTP APIs take RSA signatures only. */
const algorithms = ['RS256', 'RS384', 'RS512']

const discoverySchema = z.looseObject({ jwks_uri: z.url() })

/**
 * The JWT authorizer of an HTTP API: signature by the issuer's published keys, then issuer,
 * audience, times and scopes. Keys are found by OIDC discovery at the first request, and kept.
 */
export function jwtAuthorizer(settings: JwtSettings): Authorize {
  const keys = discoveredKeys(settings.issuer)
  return async (header, scopes) => {
    const token = header?.replace(/^bearer\s+/i, '').trim() ?? ''
    if (token === '')
      return { allowed: false, status: 401, challenge: 'Bearer', reason: 'no token' }
    try {
      const { payload } = await jwtVerify(token, await keys(), {
        algorithms,
        issuer: settings.issuer,
        requiredClaims: ['exp'],
      })
      checkIssuedAt(payload)
      checkAudience(payload, settings.audiences)
      return checkScopes(payload, scopes)
    } catch (error) {
      return invalidToken(error)
    }
  }
}

/** A failed discovery is tried again by the next request. */
function discoveredKeys(issuer: string): () => Promise<JWTVerifyGetKey> {
  let found: Promise<JWTVerifyGetKey> | undefined
  return () => {
    found ??= discover(issuer).catch((error) => {
      found = undefined
      throw error
    })
    return found
  }
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  return createRemoteJWKSet(new URL(discoverySchema.parse(await answer.json()).jwks_uri))
}

function checkIssuedAt({ iat }: JWTPayload): void {
  if (iat === undefined || iat <= Date.now() / 1000 + 1) return
  throw new errors.JOSEError('the token was issued in the future')
}

/** `client_id` stands in only for a token without `aud`. */
function checkAudience({ aud, client_id }: JWTPayload, audiences: readonly string[]): void {
  const given = aud === undefined ? [client_id] : [aud].flat()
  if (given.some((item) => typeof item === 'string' && audiences.includes(item))) return
  throw new errors.JOSEError('the token does not have a valid audience')
}

function checkScopes(payload: JWTPayload, wanted: readonly string[]): Decision {
  const claims = Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [name, claimText(value)]),
  )
  if (wanted.length === 0) return { allowed: true, jwt: { claims, scopes: null } }
  const granted = scopesOf(payload.scope ?? payload.scp)
  if (wanted.some((scope) => granted.includes(scope))) {
    return { allowed: true, jwt: { claims, scopes: granted } }
  }
  const challenge = `Bearer scope="${wanted.join(' ')}" error="insufficient_scope"`
  return { allowed: false, status: 403, challenge, reason: 'no scope of the route' }
}

function scopesOf(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.map(String)
  return typeof claim === 'string' ? claim.split(' ').filter((scope) => scope !== '') : []
}

/** Functions see claims as text; a list looks like `[a b]`. */
function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(' ')}]`
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function invalidToken(error: unknown): Decision {
  const reason = error instanceof Error ? error.message : String(error)
  const description = reason.replace(/[^\x20-\x7e]|["\\]/g, "'")
  const challenge = `Bearer scope="" error="invalid_token" error_description="${description}"`
  return { allowed: false, status: 401, challenge, reason }
}
