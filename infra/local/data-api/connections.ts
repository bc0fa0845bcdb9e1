import pg from 'pg'
import { errorOfConnecting } from './errors.ts'

export interface Login {
  readonly user: string
  readonly password: string
  /** Undefined falls back to the user's name, as on Aurora. */
  readonly database: string | undefined
}

/** `processID` is public in pg and missing from its types. */
type BackendClient = pg.PoolClient & { readonly processID?: number }

/** One session that nobody else uses until it is released. */
export interface Connection {
  readonly client: BackendClient
  /** True once the session broke or was given back. */
  isOver(): boolean
  /** Clears what the session was told and gives it back; nothing of it reaches the next call. */
  release(): void
  /** Ends the session, also in the middle of a statement. */
  destroy(): void
}

export interface Connections {
  /** @throws DataApiError when no session can be had; nothing was executed then. */
  acquire(login: Login): Promise<Connection>
  /** Acquires, runs, releases. */
  use<T>(login: Login, work: (connection: Connection) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface ConnectionsOptions {
  readonly host: string
  readonly port: number
  readonly maxConnections: number
  readonly statementTimeoutSeconds: number
}

const waitForConnectionMs = 10_000
const idleConnectionMs = 10_000

/** DISCARD ALL without its DISCARD PLANS, which would plan every function anew on each call. */
const resetSession = [
  'close all',
  'set session authorization default',
  'reset all',
  'deallocate all',
  'unlisten *',
  'select pg_advisory_unlock_all()',
  'discard temp',
  'discard sequences',
].join(';')

/** Pools of sessions, one for each login, with the settings of the service. */
export function openConnections(options: ConnectionsOptions): Connections {
  const pools = new Map<string, pg.Pool>()
  const inUse = new Set<Connection>()

  async function acquire(login: Login): Promise<Connection> {
    try {
      const client = await poolOf(login).connect()
      const connection = hold(client, () => inUse.delete(connection))
      inUse.add(connection)
      return connection
    } catch (error) {
      throw errorOfConnecting(error)
    }
  }

  function poolOf(login: Login): pg.Pool {
    const key = JSON.stringify([login.user, login.password, login.database])
    const known = pools.get(key)
    if (known !== undefined) return known
    const pool = makePool(options, login)
    pools.set(key, pool)
    return pool
  }

  return {
    acquire,
    async use(login, work) {
      const connection = await acquire(login)
      try {
        return await work(connection)
      } finally {
        connection.release()
      }
    },
    async close() {
      for (const connection of inUse) connection.destroy()
      await Promise.all([...pools.values()].map((pool) => pool.end()))
    },
  }
}

function makePool(options: ConnectionsOptions, login: Login): pg.Pool {
  const pool = new pg.Pool({
    host: options.host,
    port: options.port,
    user: login.user,
    password: login.password,
    database: login.database ?? login.user,
    ssl: false,
    max: options.maxConnections,
    connectionTimeoutMillis: waitForConnectionMs,
    idleTimeoutMillis: idleConnectionMs,
    application_name: 'rds-data-api',
    options: [
      'TimeZone=UTC',
      'DateStyle=ISO',
      'IntervalStyle=postgres',
      'bytea_output=hex',
      `statement_timeout=${Math.ceil(options.statementTimeoutSeconds * 1000)}`,
    ]
      .map((setting) => `-c ${setting}`)
      .join(' '),
  })
  // The server may close an idle session at any time; the pool has already dropped it.
  pool.on('error', () => undefined)
  return pool
}

function hold(client: BackendClient, onOver: () => void): Connection {
  let isOver = false
  const finish = (broken: boolean) => {
    client.removeListener('error', destroy)
    client.release(broken)
  }
  const end = (): boolean => {
    const first = !isOver
    isOver = true
    if (first) onOver()
    return first
  }
  const destroy = () => {
    if (end()) finish(true)
  }
  // A held session that breaks between two statements must not bring the process down.
  client.on('error', destroy)
  return {
    client,
    isOver: () => isOver,
    destroy,
    release() {
      if (!end()) return
      clean(client).then(
        () => finish(false),
        () => finish(true),
      )
    },
  }
}

async function clean(client: pg.ClientBase): Promise<void> {
  if (client.getTransactionStatus() !== 'I') await client.query('rollback')
  await client.query(resetSession)
}
