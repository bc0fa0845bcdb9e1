import type * as z from 'zod'
import type * as environments from '#functions/env.ts'
import type { EnvKey } from '#functions/env.ts'
import type { FunctionSpec } from '#infra/topology-shapes.ts'

type Schema = Extract<(typeof environments)[keyof typeof environments], z.ZodObject>
type KeyOf<S> = S extends z.ZodObject ? EnvKey<S> : never

/**
 * A value for every key of every schema; a key means the same in each function that has it.
 * A key that functions/env.ts adds and nobody fills here does not compile.
 */
export type EnvironmentValues = Readonly<Record<KeyOf<Schema>, string>>

/**
 * Exactly the keys that the function's schema lists.
 * @throws Error when a schema that functions/env.ts does not export asks for an unknown key.
 */
export function environmentOf(
  spec: FunctionSpec,
  values: EnvironmentValues,
): Record<string, string> {
  const known: Readonly<Record<string, string>> = values
  const entries = Object.keys(spec.env.shape).map((key) => {
    const value = known[key]
    if (value === undefined) throw new Error(`${spec.entry} wants ${key}, which nobody sets`)
    return [key, value]
  })
  return Object.fromEntries(entries)
}
