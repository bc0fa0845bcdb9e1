import type * as z from 'zod'

/** The environment lacks something; the message names each variable. */
export class ConfigurationError extends Error {
  constructor(problems: readonly string[]) {
    super(`The configuration is not complete: ${problems.join('; ')}.`)
    this.name = 'ConfigurationError'
  }
}

/** The typed environment of a function. Throws ConfigurationError, never shows a value. */
export function config<S extends z.ZodType>(
  schema: S,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): z.output<S> {
  const parsed = schema.safeParse(environment)
  if (parsed.success) return parsed.data
  throw new ConfigurationError(
    parsed.error.issues.map(({ path: [name] }) =>
      environment[String(name)] === undefined
        ? `the variable ${String(name)} is not set`
        : `the variable ${String(name)} does not hold what it should`,
    ),
  )
}
