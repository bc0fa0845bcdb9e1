import { parseArgs } from 'node:util'
import * as z from 'zod'

/** Replaces an embedded part by a real or other one when its variable is set. */
const httpUrl = z.url({ protocol: /^https?$/ })
const replacements = z.object({
  AWS_ENDPOINT_URL_SQS: httpUrl.optional(),
  AWS_ENDPOINT_URL_SES: httpUrl.optional(),
  AWS_ENDPOINT_URL_RDS_DATA: httpUrl.optional(),
  AWS_ENDPOINT_URL_S3: httpUrl.optional(),
  AWS_ENDPOINT_URL_SNS: httpUrl.optional(),
  AWS_ENDPOINT_URL_EVENTBRIDGE: httpUrl.optional(),
  WHATSAPP_GRAPH_URL: httpUrl.optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR', 'SILENT']).default('WARN'),
  TIME_SCALE: z.coerce.number().positive().max(1).default(1),
})

export type Replacements = z.output<typeof replacements>

/** What the person who starts the stack can set right; told in one sentence, without a stack trace. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
}

export interface LocalSettings {
  /** First port of the block; 0 takes free ones. */
  readonly port: number
  /** Kept there; undefined is a temporary folder that goes at the end. */
  readonly directory: string | undefined
  readonly replacements: Replacements
  /** Bundles of the functions that were made before; undefined makes them. */
  readonly codeDirectory?: string | undefined
}

export const defaultPort = 4500

/** Throws StartRefused with a sentence that names the variable. */
export function readReplacements(
  environment: Readonly<Record<string, string | undefined>>,
): Replacements {
  const given = Object.fromEntries(
    Object.keys(replacements.shape)
      .filter((name) => environment[name] !== undefined)
      .map((name) => [name, environment[name]]),
  )
  const parsed = replacements.safeParse(given)
  if (parsed.success) return parsed.data
  const names = [...new Set(parsed.error.issues.map(({ path: [name] }) => String(name)))]
  throw new StartRefused(
    `The variable ${names.join(' and ')} does not hold what it should: ${parsed.error.issues[0]?.message}.`,
  )
}

/** `--port N` and `--data DIR`. Throws StartRefused with a sentence that names the option. */
export function readArguments(argv: readonly string[]): Pick<LocalSettings, 'port' | 'directory'> {
  const { values } = parse(argv)
  const port = values.port === undefined ? defaultPort : Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_500) {
    throw new StartRefused(`--port takes a number from 0 to 65500, not ${values.port}.`)
  }
  return { port, directory: values.data }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { port: { type: 'string' }, data: { type: 'string' } },
    })
  } catch (error) {
    throw new StartRefused(error instanceof Error ? `${error.message}.` : String(error))
  }
}
