import { randomUUID } from 'node:crypto'
import {
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  type ExecuteStatementCommandOutput,
  type Field,
  RDSDataClient,
  type SqlParameter,
} from '@aws-sdk/client-rds-data'
import pg from 'pg'
import { inject } from 'vitest'
import { type DataApi, type DataApiOptions, startDataApi } from '#infra/local/data-api/server.ts'

interface DatabaseRole {
  readonly user: string
  readonly password: string
}

export interface FreshDatabase {
  readonly name: string
  readonly host: string
  readonly port: number
  /** libpq URL for the superuser. */
  readonly url: string
  /** libpq URL for another role. */
  urlFor(role: DatabaseRole): string
  /** What a Data API call names: any ARN for the cluster, the superuser's secret, this database. */
  readonly target: {
    readonly resourceArn: string
    readonly secretArn: string
    readonly database: string
  }
  /**
   * Starts a Data API endpoint of the caller's own, so that faults and counted calls are too.
   * `roles` adds secrets by ARN to the superuser's; `drop()` closes it.
   */
  startDataApi(options?: DataApiSettings): Promise<DataApi>
  /** Closes its endpoints and drops the database, whoever is connected. */
  drop(): Promise<void>
}

type DataApiSettings = Partial<Omit<DataApiOptions, 'postgres' | 'credentials'>> & {
  readonly roles?: Readonly<Record<string, DatabaseRole>>
}

const host = '127.0.0.1'
const resourceArn = 'arn:aws:rds:sa-east-1:111122223333:cluster:recado-test'
const superuserSecretArn =
  'arn:aws:secretsmanager:sa-east-1:111122223333:secret:recado-test-superuser'

/**
 * Makes a database of the test's own, empty or a copy of a template.
 * @throws when the template does not exist; `createTemplate` makes it.
 */
export async function freshDatabase(template?: string): Promise<FreshDatabase> {
  const { port, superuser } = inject('postgres')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const source = template === undefined ? '' : ` template ${pg.escapeIdentifier(template)}`
  await asSuperuser((admin) => admin.query(`create database ${name}${source}`))
  const endpoints: DataApi[] = []
  return {
    name,
    host,
    port,
    url: urlOf(port, name, superuser),
    urlFor: (role) => urlOf(port, name, role),
    target: { resourceArn, secretArn: superuserSecretArn, database: name },
    async startDataApi({ roles = {}, ...settings } = {}) {
      const secrets = new Map([...Object.entries(roles), [superuserSecretArn, superuser] as const])
      const endpoint = await startDataApi({
        port: 0,
        ...settings,
        postgres: { host, port },
        credentials: async (secretArn) => {
          const secret = secrets.get(secretArn)
          if (secret === undefined) throw new Error(`no secret ${secretArn}`)
          return secret
        },
      })
      endpoints.push(endpoint)
      return endpoint
    },
    async drop() {
      await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()))
      await asSuperuser((admin) => admin.query(`drop database if exists ${name} with (force)`))
    },
  }
}

/** Runs this work while nobody else of the run does work of that name. */
export async function alone(
  name: string,
  work: (admin: pg.Client) => Promise<void>,
): Promise<void> {
  await asSuperuser(async (admin) => {
    // Held by the session: it ends with it, also when this process is killed.
    await admin.query('select pg_advisory_lock(hashtext($1))', [name])
    await work(admin)
  })
}

/**
 * Makes a database that `freshDatabase` can copy, once for the whole run: of several workers that
 * ask at the same time one runs `migrate`, the others wait for it. When it throws, nothing is left
 * and the next one tries again.
 */
export async function createTemplate(
  name: string,
  migrate: (databaseName: string) => Promise<void>,
): Promise<void> {
  const identifier = pg.escapeIdentifier(name)
  await alone(`template ${name}`, async (admin) => {
    const finished = 'select from pg_database where datname = $1 and datistemplate'
    if ((await admin.query(finished, [name])).rowCount === 1) return
    await admin.query(`drop database if exists ${identifier} with (force)`)
    await admin.query(`create database ${identifier}`)
    try {
      await migrate(name)
    } catch (error) {
      await admin.query(`drop database ${identifier} with (force)`)
      throw error
    }
    // A session still open, as in a pool, would forbid every copy.
    await admin.query(`alter database ${identifier} is_template true allow_connections false`)
    const others = 'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1'
    await admin.query(others, [name])
  })
}

/**
 * The SDK's client for an endpoint.
 * @param maxAttempts 1 shows each answer as it came; the SDK's own default is 3.
 */
export function makeDataApiClient(endpoint: DataApi, maxAttempts = 1): RDSDataClient {
  return new RDSDataClient({
    endpoint: endpoint.url,
    region: 'sa-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts,
  })
}

/** Sends one statement; parameters as `{ name: Field }`, or whole ones where a hint is needed. */
export type Execute = (
  sql: string,
  parameters?: Readonly<Record<string, Field>> | readonly SqlParameter[],
  more?: Partial<ExecuteStatementCommandInput>,
) => Promise<ExecuteStatementCommandOutput>

/** A short way to say ExecuteStatementCommand. */
export function makeExecute(client: RDSDataClient, target: FreshDatabase['target']): Execute {
  return async (sql, parameters = {}, more = {}) => {
    const list = Array.isArray(parameters)
      ? parameters
      : Object.entries(parameters).map(([name, value]) => ({ name, value }))
    return await client.send(
      new ExecuteStatementCommand({ ...target, sql, parameters: list, ...more }),
    )
  }
}

/** Runs on a session of the database `postgres` that ends afterwards. */
async function asSuperuser<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const { port, superuser } = inject('postgres')
  const admin = new pg.Client({ connectionString: urlOf(port, 'postgres', superuser) })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}

function urlOf(port: number, database: string, { user, password }: DatabaseRole): string {
  return `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`
}
