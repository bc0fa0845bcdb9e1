import type pg from 'pg'
import { DataApiError } from './errors.ts'

/** How a column's values travel: which member of the Field union they take. */
export type ValueKind = 'boolean' | 'long' | 'double' | 'decimal' | 'blob' | 'string' | 'instant'

export interface ColumnType {
  /** PostgreSQL's name; arrays begin with an underscore. */
  readonly name: string
  readonly kind: ValueKind
  readonly isArray: boolean
  /** java.sql.Types, which is what `type` in the metadata means. */
  readonly sqlType: number
  /** Of the elements; 0 when it is no array. */
  readonly elementSqlType: number
  readonly precision: number
}

type Scalar = readonly [
  oid: number,
  arrayOid: number,
  name: string,
  kind: ValueKind,
  sqlType: number,
  precision: number,
]

const arraySqlType = 2003
const varcharSqlType = 12
const unlimited = 2_147_483_647

/**
 * What the service knows how to return, from its documentation; the rest (oid, interval, regclass,
 * "char", money, ranges, geometry, composites, void) must be cast to text by the caller.
 */
const scalars: readonly Scalar[] = [
  [16, 1000, 'bool', 'boolean', -7, 1],
  [17, 1001, 'bytea', 'blob', -2, unlimited],
  [19, 1003, 'name', 'string', 12, 63],
  [20, 1016, 'int8', 'long', -5, 19],
  [21, 1005, 'int2', 'long', 5, 5],
  [23, 1007, 'int4', 'long', 4, 10],
  [25, 1009, 'text', 'string', 12, unlimited],
  [114, 199, 'json', 'string', 1111, unlimited],
  [650, 651, 'cidr', 'string', 1111, unlimited],
  [700, 1021, 'float4', 'double', 7, 8],
  [701, 1022, 'float8', 'double', 8, 17],
  [869, 1041, 'inet', 'string', 1111, unlimited],
  [1042, 1014, 'bpchar', 'string', 1, unlimited],
  [1043, 1015, 'varchar', 'string', varcharSqlType, unlimited],
  [1082, 1182, 'date', 'string', 91, 13],
  [1083, 1183, 'time', 'string', 92, 15],
  [1114, 1115, 'timestamp', 'string', 93, 29],
  [1184, 1185, 'timestamptz', 'instant', 93, 35],
  [1266, 1270, 'timetz', 'string', 92, 21],
  [1700, 1231, 'numeric', 'decimal', 2, 0],
  [2950, 2951, 'uuid', 'string', 1111, 0],
  [3802, 3807, 'jsonb', 'string', 1111, unlimited],
]

const builtIn = new Map<number, ColumnType>(
  scalars.flatMap((type): [number, ColumnType][] => {
    const [oid, arrayOid, , kind] = type
    // Arrays of bytea have no member in ArrayValue to travel in.
    if (kind === 'blob') return [[oid, ofScalar(type)]]
    return [
      [oid, ofScalar(type)],
      [arrayOid, ofArray(type)],
    ]
  }),
)

/**
 * The type of each column; asks the catalog only for types that are not built in.
 * @throws UnsupportedResultException for the first column the service cannot return.
 */
export async function columnTypesOf(
  client: pg.ClientBase,
  fields: readonly pg.FieldDef[],
): Promise<readonly ColumnType[]> {
  const unknown = fields.map((field) => field.dataTypeID).filter((oid) => !builtIn.has(oid))
  const enums = unknown.length === 0 ? undefined : await enumTypes(client, unknown)
  return fields.map(({ dataTypeID }) => {
    const type = builtIn.get(dataTypeID) ?? enums?.types.get(dataTypeID)
    if (type !== undefined) return type
    const name = enums?.names.get(dataTypeID) ?? String(dataTypeID)
    throw new DataApiError(
      'UnsupportedResultException',
      `The result contains the unsupported data type ${name}.`,
    )
  })
}

async function enumTypes(client: pg.ClientBase, oids: readonly number[]) {
  const { rows } = await client.query<{
    oid: string
    name: string
    is_array: boolean
    is_enum: boolean
  }>(
    `select t.oid::text, t.typname::text as name, e.oid is not null as is_array,
            coalesce(e.typtype, t.typtype) = 'e' as is_enum
       from pg_catalog.pg_type t
       left join pg_catalog.pg_type e on e.oid = t.typelem and t.typcategory = 'A'
      where t.oid = any($1::oid[])`,
    [oids],
  )
  const types = new Map<number, ColumnType>()
  const names = new Map<number, string>()
  for (const { oid, name, is_array: isArray, is_enum: isEnum } of rows) {
    names.set(Number(oid), name)
    if (isEnum) types.set(Number(oid), ofEnum(name, isArray))
  }
  return { types, names }
}

function ofScalar([, , name, kind, sqlType, precision]: Scalar): ColumnType {
  return { name, kind, sqlType, precision, isArray: false, elementSqlType: 0 }
}

function ofArray([, , name, kind, sqlType, precision]: Scalar): ColumnType {
  return {
    name: `_${name}`,
    kind,
    isArray: true,
    sqlType: arraySqlType,
    elementSqlType: sqlType,
    precision,
  }
}

function ofEnum(name: string, isArray: boolean): ColumnType {
  const sqlType = isArray ? arraySqlType : varcharSqlType
  const elementSqlType = isArray ? varcharSqlType : 0
  return { name, kind: 'string', isArray, sqlType, elementSqlType, precision: unlimited }
}
