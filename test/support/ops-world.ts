import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'vitest'
import { type Kms, startKms } from '#infra/local/kms.ts'
import { migrate } from '#migrations/migrate.ts'
import { type DataApi, makeDataApi } from '#shared/adapters/database/data-api.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { freshDatabase, makeDataApiClient } from '#test/support/database.ts'

const root = join(import.meta.dirname, '../..')
export const functionsSecretArn =
  'arn:aws:secretsmanager:sa-east-1:111122223333:secret:recado/functions-AbCdEf'

/** What operators have: a migrated database, a key, and the command. */
export interface OpsWorld {
  readonly kms: Kms
  readonly api: DataApi
  /** Runs the command as a person would, with these variables and no others of the AWS tools. */
  ops(
    command: string,
    change?: Readonly<Record<string, string | undefined>>,
  ): Promise<{ readonly code: number | null; readonly out: string; readonly error: string }>
  /** Of a command that must succeed: what it tells. */
  added(command: string): Promise<Record<string, string>>
  addTenant(name: string): Promise<string>
  close(): Promise<void>
}

export async function openOpsWorld(): Promise<OpsWorld> {
  const database = await freshDatabase()
  const kms = await startKms({ port: 0 })
  const endpoint = await database.startDataApi({
    roles: {
      [functionsSecretArn]: { user: 'recado_functions', password: 'functions-role-password' },
    },
  })
  const { resourceArn, secretArn } = database.target
  const api = makeDataApi(
    makeDataApiClient(endpoint),
    { clusterArn: resourceArn, secretArn, database: database.name },
    { clock: systemClock, randomness: systemRandomness, pause: async () => undefined },
  )
  await migrate(api, join(root, 'migrations'), 'functions-role-password')
  const ops = runner({
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'sa-east-1',
    AWS_ENDPOINT_URL_RDS_DATA: endpoint.url,
    AWS_ENDPOINT_URL_KMS: kms.url,
    DATABASE_CLUSTER_ARN: resourceArn,
    OWNER_SECRET_ARN: secretArn,
    DATABASE_SECRET_ARN: functionsSecretArn,
    DATABASE_NAME: database.name,
    DATA_KEY_ARN: kms.keyArn,
  })
  async function added(command: string): Promise<Record<string, string>> {
    const { code, out, error } = await ops(command)
    expect({ code, error }).toEqual({ code: 0, error: '' })
    return JSON.parse(out) as Record<string, string>
  }
  return {
    kms,
    api,
    ops,
    added,
    addTenant: async (name) => (await added(`tenant add --name ${name}`)).tenantId ?? '',
    close: async () => {
      await kms.close()
      await database.drop()
    },
  }
}

function runner(environment: Readonly<Record<string, string>>): OpsWorld['ops'] {
  return async (command, change = {}) => {
    const child = spawn(process.execPath, ['infra/ops.ts', ...command.split(' ')], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        ...environment,
        ...change,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [out, error] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ])
    return { code: child.exitCode, out, error }
  }
}
