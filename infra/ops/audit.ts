import { userInfo } from 'node:os'
import * as z from 'zod'
import { unspecifiedPurpose, purpose as writtenPurpose } from '#shared/contracts/audit.ts'
import { idPattern } from '#shared/contracts/paging.ts'
import { instant } from '#shared/contracts/post-message.ts'
import { type AuditVerdict, verifyChain } from '#shared/domain/audit-chain.ts'
import type { TenantHead } from '#shared/ports/audit.ts'
import { sha256After } from '#shared/runtime/sha256.ts'
import { readOptions, rowLimit, tenantId } from './arguments.ts'
import type { Command, Operations } from './operations.ts'
import { CommandRefused } from './refused.ts'
import { duration, localTime, table } from './table.ts'

/** A tail that is older is not the chain's usual minute. */
const oldTailSeconds = 300
const day = 86_400

const verifyOptions = z.object({
  tenant: tenantId.optional(),
  heads: z.coerce
    .number({ error: 'takes a number of days' })
    .int({ error: 'takes a number of days' })
    .min(0, { error: 'takes a number of days' })
    .max(40 * 366, { error: 'takes a number of days' })
    .default(31),
  json: z.boolean().default(false),
})

const time = instant.optional()
/** Who reads what people wrote, and what for. */
export const reader = {
  as: z.string().min(1).max(120).optional(),
  purpose: writtenPurpose.optional(),
}
const why = {
  ...reader,
  json: z.boolean().default(false),
  limit: rowLimit,
  from: time,
  to: time,
}
const whoSawOptions = z.object({ tenant: tenantId, actor: z.string().min(1).max(120), ...why })
const ofPersonOptions = z.object({
  tenant: tenantId,
  person: z.string().regex(idPattern, { error: 'takes the id of a person' }),
  ...why,
})

/** Who works here, as the audit names them. */
function operatorName(): string {
  return userInfo().username
}

interface TenantVerdict extends AuditVerdict {
  readonly tenantId: string
  readonly tailSeconds: number
}

/** Makes every chain again and names what does not fit; anything but a whole one fails the command. */
export function verifyAudit(argv: readonly string[]): Command {
  const { tenant, heads: days, json } = readOptions(argv, verifyOptions)
  return {
    role: 'functions',
    run: async ({ audit }) => {
      const heads = days === 0 ? [] : ((await audit.heads?.newest(days)) ?? [])
      const tenants = tenant === undefined ? await audit.chain.tenantIds() : [tenant]
      const verdicts: TenantVerdict[] = []
      for (const each of tenants) verdicts.push(await verifyTenant(audit, each, heads))
      const text = json ? JSON.stringify(verdicts) : describe(verdicts, heads.length)
      if (verdicts.some((verdict) => isBroken(verdict))) throw new CommandRefused(text)
      return text
    },
  }
}

async function verifyTenant(
  { chain }: Operations['audit'],
  tenant: string,
  heads: readonly TenantHead[],
): Promise<TenantVerdict> {
  const verdict = await verifyChain(
    {
      rows: chain.rows(tenant),
      links: chain.links(tenant),
      heads: heads.filter((head) => head.tenantId === tenant),
    },
    sha256After,
  )
  const { oldestAt } = verdict.tail
  const tailSeconds = oldestAt === undefined ? 0 : Date.now() / 1000 - Number(oldestAt) / 1e6
  return { tenantId: tenant, ...verdict, tailSeconds }
}

const isBroken = ({ findings, tailSeconds }: TenantVerdict) =>
  findings.length > 0 || tailSeconds > oldTailSeconds

function describe(verdicts: readonly TenantVerdict[], heads: number): string {
  if (verdicts.length === 0) return 'There are no tenants.'
  const rows = verdicts.map((verdict) => ({
    tenant: verdict.tenantId,
    verdict: isBroken(verdict) ? 'BROKEN' : 'whole',
    links: String(verdict.links),
    head: verdict.head?.hash.slice(0, 16) ?? '-',
    'not chained yet': String(verdict.tail.entries),
    'oldest of them': verdict.tail.entries === 0 ? '-' : duration(verdict.tailSeconds),
  }))
  const found = verdicts.flatMap(({ tenantId: of, findings }) =>
    findings.map(
      ({ fault, position = '-', auditId = '-' }) =>
        `tenant ${of}: ${fault} at position ${position}, entry ${auditId}`,
    ),
  )
  const outside =
    heads === 0
      ? 'Compared with no ends kept outside: whoever rewrote a whole chain is not seen.'
      : `Compared with ${heads} ends kept outside.`
  return [table(rows), ...found, outside].join('\n')
}

/** Whose data an actor saw or changed in a time; the last 30 days unless said otherwise. */
export function whoSaw(argv: readonly string[]): Command {
  const { tenant, actor, limit, json, ...given } = readOptions(argv, whoSawOptions)
  const { from, to } = within(given)
  return {
    role: 'functions',
    run: async ({ audit }) => {
      const seen = await audit.desk.seenBy({ tenantId: tenant, actor, from, to, limit })
      await audit.desk.note({ ...noteOf('audit who-saw', given), tenantId: tenant })
      if (json) return JSON.stringify(seen)
      if (seen.length === 0) return `${actor} saw nobody's data.`
      const rows = seen.map((person) => ({
        person: person.personId,
        requests: String(person.entries),
        'first (São Paulo)': localTime(person.firstAt),
        'last (São Paulo)': localTime(person.lastAt),
      }))
      return `${table(rows)}\n\n${seen.length} persons, most requests first.${more(seen, limit)}`
    },
  }
}

/** Who saw or changed the data of a person, newest first. */
export function auditOfPerson(argv: readonly string[]): Command {
  const { tenant, person, limit, json, ...given } = readOptions(argv, ofPersonOptions)
  return {
    role: 'functions',
    run: async ({ audit }) => {
      const filter = { personId: person, from: given.from, to: given.to }
      const entries = await audit.desk.find({ tenantId: tenant, filter, limit })
      const note = noteOf('audit of-person', given)
      await audit.desk.note({ ...note, tenantId: tenant, personId: person })
      if (json) return JSON.stringify(entries)
      if (entries.length === 0) return `Nobody saw data of person ${person}.`
      const rows = entries.map((entry) => ({
        entry: entry.auditId,
        'at (São Paulo)': localTime(entry.at),
        who: `${entry.actorKind} ${entry.actor}`,
        what: entry.action,
        outcome: entry.outcome,
        why: entry.purpose,
      }))
      return `${table(rows)}\n\n${entries.length} entries, newest first.${more(entries, limit)}`
    },
  }
}

const more = (shown: readonly unknown[], limit: number) =>
  shown.length === limit ? ' There may be more: raise --limit.' : ''

/** What a command leaves in the audit, but for whose it was. */
export function noteOf(
  action: string,
  {
    as,
    purpose = unspecifiedPurpose,
  }: { readonly as?: string | undefined; readonly purpose?: string | undefined },
) {
  return { action, purpose, operator: as ?? operatorName() }
}

function within({
  from,
  to,
}: {
  readonly from?: string | undefined
  readonly to?: string | undefined
}) {
  const now = Date.now()
  return {
    from: from ?? new Date(now - 30 * day * 1000).toISOString(),
    to: to ?? new Date(now + day * 1000).toISOString(),
  }
}
