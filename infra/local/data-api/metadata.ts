import type pg from 'pg'
import type { ColumnType } from './column-types.ts'

export interface ColumnMetadata {
  readonly name: string
  readonly label: string
  readonly typeName: string
  readonly type: number
  /** 0 no, 1 yes, 2 unknown, as in JDBC. */
  readonly nullable: 0 | 1 | 2
  readonly tableName: string
  readonly schemaName: string
  readonly precision: number
  readonly scale: number
  readonly arrayBaseColumnType: number
  readonly isAutoIncrement: boolean
  readonly isCaseSensitive: boolean
  readonly isCurrency: boolean
  readonly isSigned: boolean
}

interface TableColumn {
  readonly name: string
  readonly table: string
  readonly schema: string
  readonly isRequired: boolean
  readonly isAutoIncrement: boolean
}

const signedKinds = new Set(['long', 'double', 'decimal'])
const caseSensitiveTypes = new Set(['text', 'varchar', 'bpchar', 'name'])

/** What `includeResultMetadata` adds; one catalog query when columns come from tables. */
export async function metadataOf(
  client: pg.ClientBase,
  fields: readonly pg.FieldDef[],
  types: readonly ColumnType[],
): Promise<readonly ColumnMetadata[]> {
  const tableColumns = await tableColumnsOf(client, fields)
  return fields.flatMap((field, index) => {
    const type = types[index]
    const source = tableColumns.get(keyOf(field.tableID, field.columnID))
    return type === undefined ? [] : [describe(field, type, source)]
  })
}

function describe(
  field: pg.FieldDef,
  type: ColumnType,
  source: TableColumn | undefined,
): ColumnMetadata {
  return {
    name: source?.name ?? field.name,
    label: field.name,
    typeName: type.name,
    type: type.sqlType,
    nullable: nullableOf(source),
    tableName: source?.table ?? '',
    schemaName: source?.schema ?? '',
    ...sizeOf(field, type),
    arrayBaseColumnType: type.elementSqlType,
    isAutoIncrement: source?.isAutoIncrement ?? false,
    isCaseSensitive: caseSensitiveTypes.has(type.name),
    isCurrency: false,
    isSigned: signedKinds.has(type.kind) && !type.isArray,
  }
}

function nullableOf(source: TableColumn | undefined): 0 | 1 | 2 {
  if (source === undefined) return 2
  return source.isRequired ? 0 : 1
}

/** The modifier holds 4 more than varchar's length, and numeric's two numbers in its halves. */
function sizeOf(field: pg.FieldDef, type: ColumnType): { precision: number; scale: number } {
  const modifier = field.dataTypeModifier - 4
  if (modifier < 0) return { precision: type.precision, scale: 0 }
  if (type.name === 'numeric') return { precision: modifier >> 16, scale: modifier & 0xffff }
  const isSized = type.name === 'varchar' || type.name === 'bpchar'
  return { precision: isSized ? modifier : type.precision, scale: 0 }
}

async function tableColumnsOf(
  client: pg.ClientBase,
  fields: readonly pg.FieldDef[],
): Promise<ReadonlyMap<string, TableColumn>> {
  const tableIds = new Set(fields.map((field) => field.tableID).filter((id) => id !== 0))
  if (tableIds.size === 0) return new Map()
  const { rows } = await client.query<TableColumn & { table_id: string; position: number }>(
    `select c.oid::text as table_id, a.attnum as position, a.attname::text as name,
            c.relname::text as table, n.nspname::text as schema, a.attnotnull as "isRequired",
            a.attidentity <> ''
              or coalesce(pg_get_expr(d.adbin, d.adrelid) like 'nextval(%', false)
              as "isAutoIncrement"
       from pg_catalog.pg_attribute a
       join pg_catalog.pg_class c on c.oid = a.attrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where c.oid = any($1::oid[]) and a.attnum > 0`,
    [[...tableIds]],
  )
  return new Map(rows.map((row) => [keyOf(Number(row.table_id), row.position), row]))
}

function keyOf(tableId: number, position: number): string {
  return `${tableId}/${position}`
}
