import { type ParseArgsConfig, parseArgs } from 'node:util'
import * as z from 'zod'
import { senderSecretPrefix } from '#infra/topology.ts'
import type { makeAdministration } from '#shared/adapters/database/administration.ts'
import { idPattern } from '#shared/contracts/paging.ts'
import { cleanLine } from '#shared/contracts/text.ts'
import { CommandRefused } from './refused.ts'

export type Administration = ReturnType<typeof makeAdministration>

/** A command that was understood; `run` answers what is printed. */
export interface Command {
  run(administration: Administration): Promise<Readonly<Record<string, string>>>
}

const tenantId = z.string().regex(idPattern, { error: 'takes the id of a tenant' })
const digits = z.string().regex(/^\d{1,64}$/, { error: 'takes digits only, as Meta shows it' })

const tenant = z.object({
  name: cleanLine(200),
  'time-zone': z
    .string()
    .refine(isTimeZone, { error: 'takes an IANA time zone, for example America/Sao_Paulo' })
    .optional(),
})

const client = z.object({
  tenant: tenantId,
  issuer: z.url({ protocol: /^https?$/, error: 'takes the address of an OIDC issuer' }).max(300),
  'client-id': cleanLine(200),
  rate: z.coerce.number().positive({ error: 'takes requests per second, above 0' }).optional(),
  burst: z.coerce
    .number()
    .int({ error: 'takes a whole number of requests' })
    .min(1)
    .max(1_000_000)
    .optional(),
})

const sender = z.object({
  tenant: tenantId,
  channel: z.literal('WHATSAPP', { error: 'takes WHATSAPP' }),
  'phone-number-id': digits,
  'waba-id': digits,
  secret: z
    .string()
    .regex(/^[A-Za-z0-9/_+=.@-]{1,200}$/, {
      error: `takes the name of a secret under ${senderSecretPrefix}`,
    })
    .transform((name) => name.replace(senderSecretPrefix, '')),
  default: z.boolean().default(false),
})

/** Options that take no value. */
const flags = new Set(['default'])

const commands: Readonly<Record<string, (argv: readonly string[]) => Command>> = {
  'tenant add': (argv) => {
    const given = read(argv, tenant)
    const timeZone = given['time-zone']
    return {
      run: async ({ addTenant }) => ({
        tenantId: await addTenant({ name: given.name, ...(timeZone && { timeZone }) }),
      }),
    }
  },
  'client add': (argv) => {
    const given = read(argv, client)
    return {
      run: async ({ addClient }) => ({
        clientId: await addClient({
          tenantId: given.tenant,
          issuer: given.issuer,
          oidcClientId: given['client-id'],
          ...(given.rate !== undefined && { ratePerSecond: given.rate }),
          ...(given.burst !== undefined && { burst: given.burst }),
        }),
      }),
    }
  },
  'sender add': (argv) => {
    const given = read(argv, sender)
    return {
      run: async ({ addSender }) => ({
        senderId: await addSender({
          tenantId: given.tenant,
          channel: given.channel,
          phoneNumberId: given['phone-number-id'],
          wabaId: given['waba-id'],
          secretName: given.secret,
          isDefault: given.default,
        }),
      }),
    }
  },
}

/** Understands `<noun> <verb> --option value …`. Throws CommandRefused with a sentence. */
export function readCommand(argv: readonly string[]): Command {
  const [noun = '', verb = '', ...rest] = argv
  const command = commands[`${noun} ${verb}`]
  if (command !== undefined) return command(rest)
  const known = Object.keys(commands).join(', ')
  throw new CommandRefused(
    noun === ''
      ? `Say what to do: ${known}.`
      : `There is no command "${`${noun} ${verb}`.trim()}": ${known}.`,
  )
}

function read<S extends z.ZodObject>(argv: readonly string[], schema: S): z.output<S> {
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

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
