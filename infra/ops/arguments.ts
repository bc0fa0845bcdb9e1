import { type ParseArgsConfig, parseArgs } from 'node:util'
import * as z from 'zod'
import { idPattern } from '#shared/contracts/paging.ts'
import { deploymentTenantId } from '#shared/domain/deployment.ts'
import { CommandRefused } from './refused.ts'

/** Options that take no value. */
const flags = new Set(['default', 'json', 'all', 'dry-run'])

export const tenantId = z.string().regex(idPattern, { error: 'takes the id of a tenant' })

export const tenantOrDeployment = z.literal(deploymentTenantId).or(tenantId)

/** How many rows a list shows. A result of the Data API holds 1 MiB. */
export const rowLimit = z.coerce
  .number()
  .int({ error: 'takes a whole number of rows' })
  .min(1)
  .max(1000)
  .default(100)

/** Reads `--option value …`. Throws CommandRefused with a sentence. */
export function readOptions<S extends z.ZodObject>(
  argv: readonly string[],
  schema: S,
): z.output<S> {
  const values = parse(argv, schema)
  const missing = Object.entries(schema.shape)
    .filter(([name, shape]) => values[name] === undefined && !isOptional(shape))
    .map(([name]) => `--${name}`)
  if (missing.length > 0) throw new CommandRefused(`Missing: ${missing.join(', ')}.`)
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  const told = parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`)
  throw new CommandRefused(`${told.join('; ')}.`)
}

/** Reads one id and nothing else. Throws CommandRefused with a sentence. */
export function readId(argv: readonly string[]): string {
  return readIdAnd(argv, z.object({})).id
}

/** Reads one id and the options behind it. Throws CommandRefused with a sentence. */
export function readIdAnd<S extends z.ZodObject>(
  [id, ...rest]: readonly string[],
  schema: S,
): { readonly id: string; readonly options: z.output<S> } {
  if (id === undefined) throw new CommandRefused('Missing: ID.')
  if (!idPattern.test(id)) throw new CommandRefused('ID takes digits only, as the list shows it.')
  return { id, options: readOptions(rest, schema) }
}

function parse(argv: readonly string[], schema: z.ZodObject): Record<string, unknown> {
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [
      name,
      { type: flags.has(name) ? 'boolean' : 'string' },
    ]),
  )
  try {
    return parseArgs({ args: [...argv], options }).values
  } catch (error) {
    throw new CommandRefused(error instanceof Error ? error.message : String(error))
  }
}

function isOptional(shape: z.core.$ZodType): boolean {
  return z.safeParse(shape, undefined).success
}
