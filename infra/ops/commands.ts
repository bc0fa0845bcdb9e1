import * as z from 'zod'
import { cleanLine } from '#shared/contracts/text.ts'
import { acknowledgeAlert, listAlerts } from './alerts.ts'
import { readOptions, tenantId } from './arguments.ts'
import { auditOfPerson, verifyAudit, whoSaw } from './audit.ts'
import { beginTemplates } from './begin-templates.ts'
import { askBilling, removeBilling, setBilling } from './billing.ts'
import { dismissFailure, listFailures, retryFailure, showFailure } from './failures.ts'
import { retireKeys, rotateKey } from './keys.ts'
import { resumeMail, setMailRules } from './mail.ts'
import { noted } from './noted.ts'
import type { Command, Operations } from './operations.ts'
import { replayErasures } from './privacy.ts'
import { CommandRefused } from './refused.ts'
import { keepFor, previewCleanup } from './retention.ts'
import { readSender } from './senders.ts'
import { acceptTemplate, listTemplates, syncTemplates } from './templates.ts'
import { waiting } from './waiting.ts'

const tenant = z.object({
  name: cleanLine(200),
  'time-zone': z
    .string()
    .refine(isTimeZone, { error: 'takes an IANA time zone, for example America/Sao_Paulo' })
    .optional(),
  'service-window': z
    .enum(['enforced', 'left-to-provider'], { error: 'takes enforced or left-to-provider' })
    .optional(),
})

const policies = z.object({
  tenant: tenantId,
  'service-window': tenant.shape['service-window'],
  'opt-out-confirmation': z.string().max(1000).optional(),
  'reopen-days': z
    .string()
    .refine((days) => /^\d{1,4}$/.test(days) && Number(days) <= 3650, {
      error: 'takes a whole number of days, 0 to 3650',
    })
    .transform(Number)
    .optional(),
  'event-source': cleanLine(256).optional(),
})

const rateError = { error: 'takes requests per second, from 0.001 to 1,000,000' }

const client = z.object({
  tenant: tenantId,
  issuer: z.url({ protocol: /^https?$/, error: 'takes the address of an OIDC issuer' }).max(300),
  'client-id': cleanLine(200),
  rate: z.coerce.number(rateError).min(0.001, rateError).max(1_000_000, rateError).optional(),
  burst: z.coerce
    .number()
    .int({ error: 'takes a whole number of requests' })
    .min(1)
    .max(1_000_000)
    .optional(),
})

const commands: Readonly<Record<string, (argv: readonly string[]) => Command>> = {
  'tenant add': (argv) => {
    const given = readOptions(argv, tenant)
    const timeZone = given['time-zone']
    const serviceWindow = given['service-window']
    return adding(async ({ addTenant }) => ({
      tenantId: await addTenant({
        name: given.name,
        ...(timeZone && { timeZone }),
        ...(serviceWindow && { serviceWindow }),
      }),
    }))
  },
  'tenant set': (argv) => {
    const given = readOptions(argv, policies)
    if (Object.values(given).filter((value) => value !== undefined).length === 1) {
      throw new CommandRefused(
        'Nothing to set: give --service-window, --opt-out-confirmation, --reopen-days or --event-source.',
      )
    }
    return adding(async ({ setPolicies }) => {
      const isKnown = await setPolicies({
        tenantId: given.tenant,
        serviceWindow: given['service-window'],
        optOutConfirmation: given['opt-out-confirmation'],
        reopenDays: given['reopen-days'],
        eventSource: given['event-source'],
      })
      if (!isKnown) throw new CommandRefused(`There is no tenant ${given.tenant}.`)
      return { tenantId: given.tenant }
    })
  },
  'client add': (argv) => {
    const given = readOptions(argv, client)
    return adding(async ({ addClient }) => ({
      clientId: await addClient({
        tenantId: given.tenant,
        issuer: given.issuer,
        oidcClientId: given['client-id'],
        ...(given.rate !== undefined && { ratePerSecond: given.rate }),
        ...(given.burst !== undefined && { burst: given.burst }),
      }),
    }))
  },
  'client set': (argv) => {
    const given = readOptions(argv, client)
    if (given.rate === undefined && given.burst === undefined) {
      throw new CommandRefused('Nothing to set: give --rate or --burst.')
    }
    return adding(async ({ setLimits }) => {
      const isKnown = await setLimits({
        tenantId: given.tenant,
        issuer: given.issuer,
        oidcClientId: given['client-id'],
        ratePerSecond: given.rate,
        burst: given.burst,
      })
      if (!isKnown) throw new CommandRefused(`Tenant ${given.tenant} has no such client.`)
      return { tenantId: given.tenant, oidcClientId: given['client-id'] }
    })
  },
  'sender add': (argv) =>
    adding(async ({ addSender }) => ({ senderId: await addSender(readSender(argv)) })),
  waiting,
  'alerts list': listAlerts,
  'alerts ack': acknowledgeAlert,
  'failures list': listFailures,
  'failures show': showFailure,
  'failures retry': retryFailure,
  'failures dismiss': dismissFailure,
  'templates list': listTemplates,
  'templates sync': syncTemplates,
  'templates accept': acceptTemplate,
  'templates begin': beginTemplates,
  'mail rules': setMailRules,
  'mail resume': resumeMail,
  'audit verify': verifyAudit,
  'audit who-saw': whoSaw,
  'audit of-person': auditOfPerson,
  'privacy replay': replayErasures,
  'tenant keep': keepFor,
  cleanup: previewCleanup,
  'tenant rotate-key': rotateKey,
  'tenant retire-keys': retireKeys,
  'billing set': setBilling,
  'billing remove': removeBilling,
  'billing ask': askBilling,
}

/** They show what no person wrote, or leave a row of their own that names whose it was. */
const onlyReading: ReadonlySet<string> = new Set([
  ...['waiting', 'cleanup', 'templates list', 'audit verify'],
  ...['alerts list', 'failures list', 'failures show', 'audit who-saw', 'audit of-person'],
])

function adding(work: (administration: Operations['administration']) => Promise<object>): Command {
  return {
    role: 'owner',
    run: async ({ administration }) => JSON.stringify(await work(administration)),
  }
}

/** Understands `<noun> [<verb>] --option value …`. Throws CommandRefused with a sentence. */
export function readCommand(argv: readonly string[]): Command {
  const [noun = '', verb = ''] = argv
  const words = Object.hasOwn(commands, noun) ? 1 : 2
  const name = words === 1 ? noun : `${noun} ${verb}`.trim()
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  const rest = argv.slice(words)
  if (command !== undefined) {
    return onlyReading.has(name) ? command(rest) : noted(name, rest, command)
  }
  const known = Object.keys(commands).join(', ')
  throw new CommandRefused(
    noun === '' ? `Say what to do: ${known}.` : `There is no command "${name}": ${known}.`,
  )
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
