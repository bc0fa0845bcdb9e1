import type { LocalDatabase } from '#infra/local/database.ts'
import { demoTenants, verifyToken } from '#infra/local/demo-tenants.ts'
import type { Ready } from '#infra/local/stack.ts'
import type { Canaries } from './canaries.ts'

/** The secrets of a stack, by name. */
export function secretsOf(
  { appSecret, token, otherTenantToken }: Ready,
  { owner, functions }: LocalDatabase,
): Canaries {
  const ofTenants = demoTenants.flatMap(({ name, clientSecret, sender }) => [
    [`client secret of ${name}`, clientSecret],
    [`access token of ${name}`, sender.accessToken],
  ])
  return {
    ...{ appSecret, verifyToken, token, otherTenantToken },
    'password of the owner': owner.password,
    'password of the functions': functions.password,
    ...Object.fromEntries(ofTenants),
  }
}
