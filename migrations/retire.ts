import { createHash } from 'node:crypto'
import type { MigrationTransaction } from './migrate.ts'

/**
 * Functions whose file is gone. Code of before calls them while a deployment is under way, so the
 * deployment that brings no file any more only notes them; the first one after it whose functions are
 * others again drops them. What something in the database still needs stays until that is gone.
 * Answers those that were dropped.
 */
export async function retireFunctions(
  transaction: MigrationTransaction,
  files: readonly string[],
): Promise<readonly string[]> {
  const build = createHash('sha256').update(files.join('\n')).digest('hex')
  const there = { files: files.map((file) => `functions/${file}`).join(',') }
  await transaction.query(
    `update schema_migrations set retired_by = null
     where retired_by is not null and name = any (string_to_array(:files, ','))`,
    there,
  )
  const due = await transaction.query(
    `select name from schema_migrations
     where name like 'functions/%' and name <> all (string_to_array(:files, ','))
       and retired_by <> :build
     order by name`,
    { ...there, build },
  )
  await transaction.query(
    `update schema_migrations set retired_by = :build
     where name like 'functions/%' and name <> all (string_to_array(:files, ','))
       and retired_by is null`,
    { ...there, build },
  )
  for (const { name } of due) await drop(transaction, String(name))
  const left = await transaction.query(`select name from schema_migrations`)
  const names = new Set(left.map(({ name }) => name))
  return due.flatMap(({ name }) => (names.has(name) ? [] : [String(name)]))
}

/** A utility statement takes no parameters: the name travels as a setting of the transaction. */
async function drop(transaction: MigrationTransaction, file: string): Promise<void> {
  await transaction.query(`select set_config('recado.retired_file', :file, true)`, { file })
  await transaction.query(`do $$
    declare
      file constant text := current_setting('recado.retired_file');
      retired regprocedure;
    begin
      for retired in
        select p.oid::regprocedure from pg_proc p
        where p.pronamespace = 'public'::regnamespace
          and p.proname = regexp_replace(file, '^functions/(.*)[.]sql$', '\\1')
      loop
        execute format('drop function %s', retired);
      end loop;
      delete from schema_migrations where name = file;
    exception when dependent_objects_still_exist then
      null;
    end $$`)
}
