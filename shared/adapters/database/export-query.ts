/**
 * How the rows of one part are found, page by page: by the person's ids (`same.ids`), or by the ids of
 * messages (`of.message_id`).
 */
export interface ExportQuery {
  /** JSON of a row. */
  readonly told: string
  /** Joins, and a `where` that a further condition may follow. */
  readonly from: string
  /** Unique within the part; the order of the rows. */
  readonly key: string
  readonly keyType: 'bigint' | 'text' | 'uuid'
  /** Sealed keys of `told`, in base64. */
  readonly cells?: readonly SealedKey[]
}

interface SealedKey {
  readonly name: string
  /** The names that the cell is bound to. */
  readonly table: string
  readonly column: string
  /** Key of `told` that holds the row's token, when it is not `rowToken`. */
  readonly token?: string
  readonly isJson?: boolean
}

/**
 * Joins rows of a table by a look-up for each row before it. The planner thinks that a tenant who came
 * after the last ANALYZE has no rows, and would read all of it for a join.
 */
export function lookedUp(table: string, alias: string, where: string): string {
  return `cross join lateral (select * from ${table} ${alias}
    where ${alias}.tenant_id = :tenant::bigint and ${where} offset 0) ${alias}`
}

/**
 * The same by the ids of the person, one by one: by an array an index of persons looks dearer to the
 * planner than reading all that such a tenant has by its key.
 */
export function lookedUpOfPerson(table: string, alias: string): string {
  return `cross join lateral unnest(same.ids) whose (person_id)
    ${lookedUp(table, alias, `${alias}.person_id = whose.person_id`)}`
}
