import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, importJWK, SignJWT } from 'jose'
import { audience, demoTenant } from '#infra/local/demo-tenants.ts'
import { scopes as everyScope } from '#shared/contracts/scopes.ts'

interface TokenWish {
  readonly client?: string
  readonly audience?: string
  readonly issuer?: string
  /** Seconds since 1970. */
  readonly expiresAt?: number
  readonly scopes?: readonly string[]
  /** Signed by somebody who does not have the issuer's key. */
  readonly isForged?: boolean
}

export type SignToken = (wish?: TokenWish) => Promise<string>

/**
 * Signs any token as the issuer of a stack would, with the key that it keeps in its folder. As it
 * stands one is the demo client's, with every scope.
 */
export async function openSigner(directory: string, issuer: string): Promise<SignToken> {
  const { keys } = JSON.parse(await readFile(join(directory, 'issuer.json'), 'utf8'))
  const { kid } = keys[0]
  const [key, { privateKey: otherKey }] = await Promise.all([
    importJWK(keys[0], 'RS256'),
    generateKeyPair('RS256'),
  ])
  return (wish = {}) => {
    const now = Math.floor(Date.now() / 1000)
    return new SignJWT({
      client_id: wish.client ?? demoTenant.clientId,
      scope: (wish.scopes ?? everyScope).join(' '),
    })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuer(wish.issuer ?? issuer)
      .setSubject('somebody')
      .setAudience(wish.audience ?? audience)
      .setIssuedAt(now - 600)
      .setExpirationTime(wish.expiresAt ?? now + 3600)
      .sign(wish.isForged === true ? otherKey : key)
  }
}
