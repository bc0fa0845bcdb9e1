import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { retireFunctions } from './retire.ts'
import { splitStatements } from './statements.ts'

/** One transaction on the database; its statements run one after another. */
export interface MigrationTransaction {
  /** Runs one statement; rows as records of column name to value. */
  query(
    sql: string,
    parameters?: Readonly<Record<string, string>>,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>
}

export interface MigrationDatabase {
  transaction<T>(work: (transaction: MigrationTransaction) => Promise<T>): Promise<T>
}

export interface MigrationReport {
  readonly applied: readonly string[]
  /** Files of functions that are gone, of which nothing is left now. */
  readonly dropped: readonly string[]
}

/**
 * Brings the schema up to date: numbered files once each, then the SQL functions that changed.
 * Each file is one transaction that takes a lock and writes its marker first, so that two runners
 * racing are harmless. Functions whose files are gone are dropped one deployment later. Throws when an applied file was edited since.
 */
export async function migrate(
  database: MigrationDatabase,
  directory: string,
  functionsRolePassword: string,
): Promise<MigrationReport> {
  await database.transaction(async (transaction) => {
    await lock(transaction)
    await transaction.query(`create table if not exists schema_migrations (
      name varchar(200) primary key, checksum varchar(64) not null,
      applied_at timestamptz not null default now(), retired_by varchar(64))`)
    await transaction.query(
      'alter table schema_migrations add column if not exists retired_by varchar(64)',
    )
  })
  const applied: string[] = []
  for (const name of await sqlFiles(directory)) {
    if (await applyOnce(database, directory, name)) applied.push(name)
  }
  const functions = await sqlFiles(join(directory, 'functions'))
  for (const name of functions) {
    if (await applyFunction(database, directory, name)) applied.push(`functions/${name}`)
  }
  const dropped = await database.transaction(async (transaction) => {
    await lock(transaction)
    return retireFunctions(transaction, functions)
  })
  await setRolePassword(database, functionsRolePassword)
  return { applied, dropped }
}

async function lock(transaction: MigrationTransaction): Promise<void> {
  await transaction.query(
    `select pg_advisory_xact_lock(hashtextextended('recado migrations', 0))::text`,
  )
}

async function sqlFiles(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
}

function applyOnce(database: MigrationDatabase, directory: string, name: string): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const sql = await readFile(join(directory, name), 'utf8')
    const checksum = sha256(sql)
    await lock(transaction)
    const marked = await transaction.query(
      `insert into schema_migrations (name, checksum) values (:name, :checksum)
       on conflict (name) do nothing returning name`,
      { name, checksum },
    )
    if (marked.length === 0) {
      const [known] = await transaction.query(
        'select checksum from schema_migrations where name = :name',
        { name },
      )
      if (known?.checksum !== checksum) {
        throw new Error(`migration ${name} was edited after it was applied; write a new one`)
      }
      return false
    }
    for (const statement of splitStatements(sql)) await transaction.query(statement)
    return true
  })
}

/** Functions replace themselves, so theirs is the one marker that may change. */
function applyFunction(
  database: MigrationDatabase,
  directory: string,
  file: string,
): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const sql = await readFile(join(directory, 'functions', file), 'utf8')
    await lock(transaction)
    const changed = await transaction.query(
      `insert into schema_migrations (name, checksum) values (:name, :checksum)
       on conflict (name) do update set checksum = excluded.checksum, applied_at = now()
       where schema_migrations.checksum <> excluded.checksum returning name`,
      { name: `functions/${file}`, checksum: sha256(sql) },
    )
    if (changed.length === 0) return false
    // Functions call each other; the order of their files must not matter.
    await transaction.query('set local check_function_bodies = off')
    for (const statement of splitStatements(sql)) await transaction.query(statement)
    return true
  })
}

/** A utility statement takes no parameters: the password travels as a setting of the transaction. */
async function setRolePassword(database: MigrationDatabase, password: string): Promise<void> {
  await database.transaction(async (transaction) => {
    await lock(transaction)
    await transaction.query(`select set_config('recado.role_password', :password, true)`, {
      password,
    })
    await transaction.query(`do $$ begin
      execute format('alter role recado_functions password %L',
        current_setting('recado.role_password'));
    end $$`)
  })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
