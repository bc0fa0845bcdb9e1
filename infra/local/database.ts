import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { type Postgres, type Role, startPostgres } from './postgres.ts'
import { StartRefused } from './settings.ts'

/** The database that the stack uses: its own server, or the one of DATABASE_URL. */
export interface LocalDatabase {
  readonly host: string
  readonly port: number
  readonly name: string
  /** Owns the schema, as the master role of an RDS cluster: it may make roles, but is no superuser. */
  readonly owner: Role
  readonly functions: Role
  /** libpq URL of the owner. */
  readonly url: string
  readonly server: Postgres | undefined
  stop(): Promise<void>
}

export interface DatabaseOptions {
  readonly directory: string
  readonly port: number
  readonly durable: boolean
  /** A libpq URL; its role becomes the owner. */
  readonly url: string | undefined
  /** What a server of our own writes into its log. */
  readonly onLog?: ((text: string) => void) | undefined
}

const functionsUser = 'recado_functions'
const ownerUser = 'recado_owner'
const databaseName = 'recado'

export async function openDatabase(options: DatabaseOptions): Promise<LocalDatabase> {
  const functions = { user: functionsUser, password: password() }
  if (options.url !== undefined) return foreignDatabase(options.url, functions)
  const server = await startPostgres({
    directory: join(options.directory, 'postgres'),
    port: options.port,
    durable: options.durable,
    onLog: options.onLog,
  })
  const owner = { user: ownerUser, password: password() }
  try {
    await makeOwner(server, owner)
  } catch (error) {
    await server.stop()
    throw error
  }
  return {
    host: '127.0.0.1',
    port: server.port,
    name: databaseName,
    owner,
    functions,
    url: server.urlFor(databaseName, owner),
    server,
    stop: () => server.stop(),
  }
}

async function foreignDatabase(text: string, functions: Role): Promise<LocalDatabase> {
  const url = new URL(text)
  const client = new pg.Client({ connectionString: text })
  try {
    await client.connect()
  } catch {
    throw new StartRefused('The database that DATABASE_URL names cannot be reached.')
  }
  await client.end()
  return {
    host: url.hostname,
    port: Number(url.port || 5432),
    name: decodeURIComponent(url.pathname.slice(1)),
    owner: { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) },
    functions,
    url: text,
    server: undefined,
    stop: async () => undefined,
  }
}

/** Passwords change at each start; nothing outside this process needs to know them. */
function password(): string {
  return randomBytes(18).toString('base64url')
}

async function makeOwner(server: Postgres, owner: Role): Promise<void> {
  const admin = new pg.Client({ connectionString: server.urlFor('postgres') })
  await admin.connect()
  try {
    const literal = pg.escapeLiteral(owner.password)
    const known = await admin.query('select from pg_roles where rolname = $1', [owner.user])
    const verb = known.rowCount === 0 ? 'create' : 'alter'
    await admin.query(`${verb} role ${owner.user} login createrole createdb password ${literal}`)
    const database = await admin.query('select from pg_database where datname = $1', [databaseName])
    if (database.rowCount === 0) {
      await admin.query(`create database ${databaseName} owner ${owner.user}`)
    }
  } finally {
    await admin.end()
  }
}
