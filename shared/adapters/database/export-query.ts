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
