import type { Author } from '../../domain/author.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import { externalIdHash } from './person-cells.ts'
import { identityHash } from './sealed-cells.ts'

/** Whose an item is, as SQL functions take it: the hashes that persons are found by. */
export async function authorsInput(
  sealers: Sealer,
  tenantId: string,
  authors: readonly Author[] = [],
): Promise<readonly { readonly kind: Author['kind']; readonly hash: string }[]> {
  // The deployment itself has no key, and names nobody.
  if (authors.length === 0) return []
  const sealer = await sealers.forTenant(tenantId)
  return authors.map((author) => ({ kind: author.kind, hash: authorHash(sealer, author) }))
}

function authorHash(sealer: TenantSealer, { kind, value }: Author): string {
  return kind === 'external-id' ? externalIdHash(sealer, value) : identityHash(sealer, kind, value)
}
