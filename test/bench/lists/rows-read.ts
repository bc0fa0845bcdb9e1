import type { DataApi } from '#shared/adapters/database/data-api.ts'
import type { Statement } from './recording.ts'

/** What PostgreSQL did for one statement. */
export interface Reading {
  /** Rows of tables and entries of indexes that scans returned, also those that a filter dropped. */
  readonly rowsRead: number
  readonly rowsAnswered: number
  /** Blocks of 8 KB, from memory or from disk. */
  readonly blocks: number
  readonly milliseconds: number
  /** Rows by what they were read of: an index, or a table where the whole of it was read. */
  readonly scans: Readonly<Record<string, number>>
}

type Transaction = Pick<DataApi, 'query'>

/**
 * Runs a statement, exactly as it is with `explain` before it, and tells what it read. The rows are
 * those that the session's own counters tell: a plan shows nothing of what functions do inside, and
 * only averages of what is looped over.
 */
export function explain(database: DataApi, { sql, parameters }: Statement): Promise<Reading> {
  return database.transaction(async (transaction) => {
    const before = await counters(transaction)
    // As text, a row a line: as JSON the plan of a view is one row, too large for the Data API.
    const lines = await transaction.query(`explain (analyze, buffers) ${sql}`, parameters)
    const after = await counters(transaction)
    const plan = lines.map((line) => String(Object.values(line)[0])).join('\n')
    const scans = Object.fromEntries(
      [...after]
        .map(([name, rows]) => [name, rows - (before.get(name) ?? 0)] as const)
        .filter(([, rows]) => rows > 0),
    )
    return {
      rowsRead: Object.values(scans).reduce((sum, rows) => sum + rows, 0),
      // The first node of a plan is the whole of it.
      rowsAnswered: told(plan, /actual time=\S+ rows=(\d+)/),
      blocks: told(plan, /shared hit=(\d+)/, 0) + told(plan, /Buffers: shared[^\n]* read=(\d+)/, 0),
      milliseconds: told(plan, /Execution Time: ([\d.]+) ms/),
      scans,
    }
  })
}

/** What this session has read so far of each table and index, and not told the server yet. */
async function counters(transaction: Transaction): Promise<ReadonlyMap<string, number>> {
  const rows = await transaction.query(
    `select c.relname::text as name, pg_stat_get_xact_tuples_returned(c.oid)::text as rows
     from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'i') order by 1`,
  )
  return new Map(rows.map(({ name, rows: read }) => [String(name), Number(read)]))
}

function told(plan: string, pattern: RegExp, otherwise?: number): number {
  const value = Number(pattern.exec(plan)?.[1] ?? otherwise)
  if (Number.isNaN(value)) throw new Error(`a plan tells nothing of ${pattern}`)
  return value
}
