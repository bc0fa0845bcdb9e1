import { KMSClient } from '@aws-sdk/client-kms'
import { RDSDataClient } from '@aws-sdk/client-rds-data'
import { SQSClient } from '@aws-sdk/client-sqs'
import { apiEnv } from '#functions/env.ts'
import { type AccountEvents, makeAccountEvents } from '#shared/adapters/database/account-events.ts'
import { makeAdministration } from '#shared/adapters/database/administration.ts'
import { DatabaseError, makeDataApi } from '#shared/adapters/database/data-api.ts'
import { makeTaskFailures, type TaskFailures } from '#shared/adapters/database/task-failures.ts'
import { makeTaskStore } from '#shared/adapters/database/task-store.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { durations } from '#shared/domain/durations.ts'
import type { TaskStore } from '#shared/ports/task-store.ts'
import { ConfigurationError, config } from '#shared/runtime/config.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { type Letters, makeLetters } from './dead-letters.ts'
import { CommandRefused } from './refused.ts'

const opsEnv = apiEnv.pick({
  DATABASE_CLUSTER_ARN: true,
  DATABASE_SECRET_ARN: true,
  DATABASE_NAME: true,
  DATA_KEY_ARN: true,
})

/** What commands work with. */
export interface Operations {
  readonly administration: ReturnType<typeof makeAdministration>
  readonly tasks: Pick<TaskStore, 'waiting'>
  readonly failures: TaskFailures
  readonly letters: Letters
  readonly accountEvents: AccountEvents
}

/** A command that was understood; `run` answers what is printed. */
export interface Command {
  run(operations: Operations): Promise<string>
}

/** Over the real clients, as the functions do it. Throws ConfigurationError. */
export function wireOperations(
  environment: Readonly<Record<string, string | undefined>>,
): Operations {
  const env = config(opsEnv, environment)
  const database = makeDataApi(
    new RDSDataClient({}),
    {
      clusterArn: env.DATABASE_CLUSTER_ARN,
      secretArn: env.DATABASE_SECRET_ARN,
      database: env.DATABASE_NAME,
    },
    {
      clock: systemClock,
      randomness: systemRandomness,
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    },
  )
  const dataKeys = makeKmsDataKeys(new KMSClient({}), env.DATA_KEY_ARN)
  const failures = makeTaskFailures(database)
  const transit = makeTransitSealer(dataKeys, systemClock)
  return {
    administration: makeAdministration(database, makeTenantKeys(dataKeys)),
    tasks: makeTaskStore(database, durations()),
    failures,
    letters: makeLetters({
      // A queue's own address need not resolve on one machine; the region's serves all.
      client: new SQSClient({ useQueueUrlAsEndpoint: false }),
      transit,
      sealedBody: failures.sealedBody,
    }),
    accountEvents: makeAccountEvents(database, transit),
  }
}

const databaseSentences: Readonly<Record<string, string>> = {
  '23503': 'There is no such tenant.',
  '23505':
    'It is there already: a client id is unique within its issuer, a phone number id everywhere, and a tenant has one default sender per channel.',
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
