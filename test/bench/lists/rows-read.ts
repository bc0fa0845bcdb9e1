import type { DataApi } from '#shared/adapters/database/data-api.ts'
import type { Statement } from './recording.ts'

/** What PostgreSQL did for one statement. */
export interface Reading {
  /** Rows that scans looked at, also those that a filter dropped. */
  readonly rowsRead: number
  readonly rowsAnswered: number
  /** Blocks of 8 KB, from memory or from disk. */
  readonly blocks: number
  readonly milliseconds: number
  /** Each scan, e.g. `chats by chats_by_activity: 51`. */
  readonly scans: readonly string[]
}

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly Plans?: readonly PlanNode[]
}

/** Runs a statement and reads its plan; it is sent exactly as it is, with `explain` before it. */
export async function explain(database: DataApi, { sql, parameters }: Statement): Promise<Reading> {
  const [row] = await database.query(`explain (analyze, buffers, format json) ${sql}`, parameters)
  const [explained] = JSON.parse(String(Object.values(row ?? {})[0])) as [
    { readonly Plan: PlanNode; readonly 'Execution Time': number },
  ]
  const { Plan: top, 'Execution Time': milliseconds } = explained
  const scans = nodesOf(top).filter((node) => node['Relation Name'] !== undefined)
  return {
    rowsRead: scans.reduce((sum, node) => sum + rowsOf(node), 0),
    rowsAnswered: top['Actual Rows'],
    blocks: top['Shared Hit Blocks'] + top['Shared Read Blocks'],
    milliseconds,
    scans: scans.map(
      (node) =>
        `${node['Relation Name']} by ${node['Index Name'] ?? node['Node Type']}: ${rowsOf(node)}`,
    ),
  }
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}

/** Rows are an average over the loops, in whole numbers before PostgreSQL 18. */
function rowsOf(node: PlanNode): number {
  const dropped =
    (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
  return Math.round((node['Actual Rows'] + dropped) * node['Actual Loops'])
}
