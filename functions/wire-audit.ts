import { S3Client } from '@aws-sdk/client-s3'
import type * as z from 'zod'
import { makeAuditChain } from '#shared/adapters/database/audit-chain-store.ts'
import { makeAuditReader } from '#shared/adapters/database/audit-store.ts'
import { makeS3AuditHeads } from '#shared/adapters/storage/s3-audit-heads.ts'
import { alerts } from '#shared/runtime/alerts.ts'
import { systemClock as clock } from '#shared/runtime/system.ts'
import { makeChainAudit } from '#shared/use-cases/chain-audit.ts'
import { makeExportAuditHeads } from '#shared/use-cases/export-audit-heads.ts'
import type { chainAuditEnv, exportAuditHeadsEnv, storesEnv } from './env.ts'
import { findClientIn, wireDatabase, wireStores } from './wire.ts'

type Env<S extends z.ZodType> = z.output<S>

/** Wiring of the audit, beside `wire.ts`. */
export function wireAudit(env: Env<typeof storesEnv>) {
  const parts = wireStores(env)
  return { findClient: findClientIn(parts.directory), audit: makeAuditReader(parts) }
}

export function wireChainAudit(env: Env<typeof chainAuditEnv>) {
  return makeChainAudit({ chain: makeAuditChain(wireDatabase(env)), alerts, clock })
}

export function wireExportAuditHeads(env: Env<typeof exportAuditHeadsEnv>) {
  return makeExportAuditHeads({
    chain: makeAuditChain(wireDatabase(env)),
    heads: makeS3AuditHeads(new S3Client({ forcePathStyle: true }), env.AUDIT_BUCKET),
    clock,
  })
}
