import { safeText } from '../../domain/clean-text.ts'

/** Far above anything Meta sends; recursion on hostile nesting would end the process's stack. */
const maxDepth = 64

/** A copy of a JSON value in which every key and string can be stored and nesting is bounded. */
export function safeJson(value: unknown): unknown {
  return copyJson(value, safeText, 0)
}

/** A copy of a JSON value with its strings untouched; what lies too deep becomes null. */
export function boundedJson(value: unknown): unknown {
  return copyJson(value, (text) => text, 0)
}

function copyJson(value: unknown, text: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return text(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === maxDepth) return null
  if (Array.isArray(value)) return value.map((item) => copyJson(item, text, depth + 1))
  // fromEntries defines properties, so that a key named `__proto__` stays a plain key.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [text(key), copyJson(item, text, depth + 1)]),
  )
}

type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The object without the fields that are undefined. */
export function defined<const T extends object>(fields: T): Given<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Given<T>
}

/** An object that is no list, or undefined. */
export function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}
