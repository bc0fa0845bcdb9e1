import { KMSClient } from '@aws-sdk/client-kms'
import { RDSDataClient } from '@aws-sdk/client-rds-data'
import { S3Client } from '@aws-sdk/client-s3'
import { SQSClient } from '@aws-sdk/client-sqs'
import * as z from 'zod'
import { migrateEnv, storesEnv } from '#functions/env.ts'
import { type AccountEvents, makeAccountEvents } from '#shared/adapters/database/account-events.ts'
import { makeAdministration } from '#shared/adapters/database/administration.ts'
import { makeAuditChain } from '#shared/adapters/database/audit-chain-store.ts'
import { makeAuditDesk } from '#shared/adapters/database/audit-store.ts'
import { makeCleanupStore } from '#shared/adapters/database/cleanup-store.ts'
import { type DataApi, DatabaseError, makeDataApi } from '#shared/adapters/database/data-api.ts'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { makeResealStore } from '#shared/adapters/database/reseal-store.ts'
import { makeTaskFailures, type TaskFailures } from '#shared/adapters/database/task-failures.ts'
import { makeTaskStore } from '#shared/adapters/database/task-store.ts'
import { makeTemplateStore } from '#shared/adapters/database/template-store.ts'
import { makeTemplateSyncStore } from '#shared/adapters/database/template-sync-store.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { makeS3AuditHeads } from '#shared/adapters/storage/s3-audit-heads.ts'
import { durations } from '#shared/domain/durations.ts'
import type { AuditChain, AuditDesk, AuditHeads } from '#shared/ports/audit.ts'
import type { CleanupStore } from '#shared/ports/cleanup-store.ts'
import type { ResealStore } from '#shared/ports/reseal-store.ts'
import type { TaskStore } from '#shared/ports/task-store.ts'
import type { TemplateStore, TemplateSyncStore } from '#shared/ports/template-store.ts'
import { ConfigurationError, config } from '#shared/runtime/config.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { type Billing, makeBilling } from './billing-services.ts'
import { type Letters, makeLetters } from './dead-letters.ts'
import { CommandRefused } from './refused.ts'

const placeEnv = storesEnv
  .pick({
    DATABASE_CLUSTER_ARN: true,
    DATABASE_NAME: true,
    DATA_KEY_ARN: true,
  })
  .extend({ AUDIT_BUCKET: z.string().min(1).optional() })
const ownerEnv = placeEnv.extend(migrateEnv.pick({ OWNER_SECRET_ARN: true }).shape)
const functionsEnv = placeEnv.extend(migrateEnv.pick({ DATABASE_SECRET_ARN: true }).shape)

/** Whose rights in the database a command needs: only the schema's owner adds. */
export type DatabaseRole = 'owner' | 'functions'

type Variables = Readonly<Record<string, string | undefined>>

/** What commands work with. */
export interface Operations {
  readonly administration: ReturnType<typeof makeAdministration>
  readonly tasks: Pick<TaskStore, 'waiting'>
  readonly failures: TaskFailures
  readonly letters: Letters
  readonly templates: TemplateStore & Pick<TemplateSyncStore, 'planSyncs'>
  readonly accountEvents: AccountEvents
  readonly audit: {
    readonly chain: AuditChain
    readonly desk: AuditDesk
    /** Undefined: no bucket of them is named. */
    readonly heads: Pick<AuditHeads, 'newest'> | undefined
  }
  /** For commands that need parts or variables of their own. */
  readonly database: DataApi
  readonly environment: Variables
  readonly cells: Pick<ResealStore, 'findOld'>
  readonly cleanups: Pick<CleanupStore, 'preview' | 'tenantIds'>
  readonly billing: Billing
}

/** A command that was understood; `run` answers what is printed. */
export interface Command {
  readonly role: DatabaseRole
  run(operations: Operations): Promise<string>
}

/** Over the real clients, as the functions do it. Throws ConfigurationError. */
export function wireOperations(role: DatabaseRole, environment: Variables): Operations {
  const { secretArn, ...env } = settingsFor(role, environment)
  const database = makeDataApi(
    new RDSDataClient({}),
    { clusterArn: env.DATABASE_CLUSTER_ARN, secretArn, database: env.DATABASE_NAME },
    {
      clock: systemClock,
      randomness: systemRandomness,
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    },
  )
  const dataKeys = makeKmsDataKeys(new KMSClient({}), env.DATA_KEY_ARN)
  const failures = makeTaskFailures(database)
  const tenantKeys = makeTenantKeys(dataKeys)
  const directory = makeDirectory(database, systemClock)
  const sealer = makeSealer(directory, tenantKeys, systemClock)
  const transit = makeTransitSealer(dataKeys, systemClock)
  return {
    administration: makeAdministration(database, tenantKeys),
    templates: {
      ...makeTemplateStore({ database, sealer }),
      ...makeTemplateSyncStore(database, durations()),
    },
    tasks: makeTaskStore(database, durations()),
    failures,
    letters: makeLetters({
      // A queue's own address need not resolve on one machine; the region's serves all.
      client: new SQSClient({ useQueueUrlAsEndpoint: false }),
      transit,
      sealedBody: failures.sealedBody,
    }),
    accountEvents: makeAccountEvents(database, transit),
    audit: {
      chain: makeAuditChain(database),
      desk: makeAuditDesk(database),
      heads:
        env.AUDIT_BUCKET === undefined
          ? undefined
          : makeS3AuditHeads(new S3Client({ forcePathStyle: true }), env.AUDIT_BUCKET),
    },
    ...{ database, environment },
    cells: makeResealStore({ database, sealer, waits: durations() }),
    cleanups: makeCleanupStore(database, durations()),
    billing: makeBilling(database, directory),
  }
}

function settingsFor(role: DatabaseRole, environment: Variables) {
  if (role === 'functions') {
    const { DATABASE_SECRET_ARN: secretArn, ...env } = config(functionsEnv, environment)
    return { ...env, secretArn }
  }
  const { OWNER_SECRET_ARN: secretArn, ...env } = config(ownerEnv, environment)
  return { ...env, secretArn }
}

const databaseSentences: Readonly<Record<string, string>> = {
  '23503': 'There is no such tenant.',
  '23505':
    'It is there already: a client id is unique within its issuer, a phone number id and an event source everywhere, and a tenant has one default sender per channel.',
  '42501':
    'The role of this secret may not do that: adding wants OWNER_SECRET_ARN to be the secret of the role that owns the schema.',
  '42P01': 'The database has no tables yet: deploy first.',
}

/** One sentence for whatever stopped a command; undefined for a mistake of the program itself. */
export function sentenceFor(error: unknown): string | undefined {
  if (error instanceof CommandRefused || error instanceof ConfigurationError) return error.message
  if (error instanceof DatabaseError) return databaseSentences[error.sqlState] ?? error.message
  if (!(error instanceof Error)) return undefined
  if (error.message.startsWith('Region is missing')) return 'The variable AWS_REGION is not set.'
  if (error.name === 'CredentialsProviderError') return 'There are no AWS credentials.'
  const isFromAws = '$metadata' in error || 'code' in error
  return isFromAws ? `AWS could not be asked: ${error.name}: ${reasonOf(error)}` : undefined
}

/** A connection refused on every address has a message on its parts only. */
function reasonOf(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message
  return error.errors.map((part: Error) => part.message).join('; ')
}
