import { databaseErrorOf, invalid } from './errors.ts'
import type { ParsedSql } from './placeholders.ts'
import type { SqlParameter } from './request.ts'

/** A value as it goes to PostgreSQL: text form or bytes, and the type it is declared with. */
export interface BoundValue {
  /** 0 leaves the type to PostgreSQL. */
  readonly typeOid: number
  readonly value: string | Buffer | null
}

const unknownOid = 0

/** A string without a hint is text, so `uuid_column = :id` fails here as it does on Aurora. */
const oidByHint = {
  DATE: 1082,
  DECIMAL: 1700,
  JSON: 114,
  TIME: 1083,
  TIMESTAMP: 1114,
  UUID: 2950,
} as const

type TypeHint = keyof typeof oidByHint

const formatByHint: Partial<Record<TypeHint, RegExp>> = {
  DATE: /^\d{4}-\d{2}-\d{2}$/,
  TIME: /^\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?$/,
  TIMESTAMP: /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,3})?$/,
}

const spelledDoubles = new Set<unknown>(['NaN', 'Infinity', '-Infinity'])

const readers: Readonly<Record<string, (value: unknown, name: string) => BoundValue>> = {
  isNull: (value, name) => {
    if (value !== true) throw invalid(`Parameter ${name}: isNull must be true`)
    return { typeOid: unknownOid, value: null }
  },
  booleanValue: (value, name) => {
    if (typeof value !== 'boolean') throw wrongValue(name, 'booleanValue')
    return { typeOid: 16, value: value ? 't' : 'f' }
  },
  longValue: (value, name) => {
    if (!Number.isInteger(value)) throw wrongValue(name, 'longValue')
    // BigInt spells 1e21 in digits.
    return { typeOid: 20, value: BigInt(Number(value)).toString() }
  },
  doubleValue: (value, name) => {
    if (typeof value !== 'number' && !spelledDoubles.has(value)) {
      throw wrongValue(name, 'doubleValue')
    }
    return { typeOid: 701, value: String(value) }
  },
  stringValue: (value, name) => {
    if (typeof value !== 'string') throw wrongValue(name, 'stringValue')
    return { typeOid: 25, value }
  },
  blobValue: (value, name) => {
    if (typeof value !== 'string') throw wrongValue(name, 'blobValue')
    return { typeOid: 17, value: Buffer.from(value, 'base64') }
  },
  arrayValue: () => {
    throw invalid('Array parameters are not supported.')
  },
}

/**
 * The values of `$1`, `$2`, … Parameters that the SQL does not use are ignored.
 * @throws ValidationException for a missing, doubled or malformed parameter.
 */
export function bindParameters(
  sql: ParsedSql,
  parameters: readonly SqlParameter[],
): readonly BoundValue[] {
  if (sql.foreignPlaceholder !== undefined) {
    throw databaseErrorOf(`there is no parameter ${sql.foreignPlaceholder}`, '42P02')
  }
  const values = new Map<string, BoundValue>()
  for (const parameter of parameters) {
    if (values.has(parameter.name)) throw invalid(`Parameter ${parameter.name} is given twice`)
    values.set(parameter.name, bind(parameter))
  }
  return sql.names.map((name) => {
    const value = values.get(name)
    if (value === undefined) throw invalid(`Cannot find parameter: ${name}`)
    return value
  })
}

function bind({ name, value, typeHint }: SqlParameter): BoundValue {
  const [kind, ...others] = Object.keys(value)
  const read = kind === undefined ? undefined : readers[kind]
  if (kind === undefined || read === undefined || others.length > 0) {
    throw invalid(`Parameter ${name} must have exactly one known value member`)
  }
  const bound = read(value[kind], name)
  return typeHint == null ? bound : hinted({ name, bound, typeHint })
}

function hinted(given: { name: string; bound: BoundValue; typeHint: TypeHint }): BoundValue {
  const { name, bound, typeHint } = given
  const typeOid = oidByHint[typeHint]
  if (bound.value === null) return { typeOid, value: null }
  if (bound.typeOid !== 25) throw invalid(`Parameter ${name}: ${typeHint} needs a stringValue`)
  if (formatByHint[typeHint]?.test(String(bound.value)) === false) {
    throw invalid(`Parameter ${name}: the value does not have the format of ${typeHint}`)
  }
  return { typeOid, value: bound.value }
}

function wrongValue(name: string, member: string) {
  return invalid(`Parameter ${name}: ${member} has the wrong type`)
}
