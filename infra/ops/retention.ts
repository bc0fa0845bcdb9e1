import * as z from 'zod'
import type { CleanupBatch, CleanupPlace, CleanupStore } from '#shared/ports/cleanup-store.ts'
import { readOptions, tenantOrDeployment } from './arguments.ts'
import type { Command } from './operations.ts'
import { CommandRefused } from './refused.ts'
import { table } from './table.ts'

function daysFrom(least: number) {
  const wholeDays = { error: `takes a whole number of days, ${least} to 3650` }
  return z.coerce.number(wholeDays).int(wholeDays).min(least, wholeDays).max(3650, wholeDays)
}

function daysOrForever(least: number) {
  return z
    .union([z.literal('forever').transform(() => null), daysFrom(least)], {
      error: `takes a whole number of days, ${least} to 3650, or forever`,
    })
    .optional()
}

const keeping = z.object({
  tenant: tenantOrDeployment,
  'close-after': daysOrForever(1),
  'archive-after': daysOrForever(1),
  transactional: daysOrForever(1),
  marketing: daysOrForever(1),
  inbound: daysOrForever(1),
  media: daysOrForever(1),
  billing: daysOrForever(730),
  tasks: daysFrom(1).optional(),
  raw: daysFrom(1).optional(),
})

const preview = z.object({
  'dry-run': z.literal(true, { error: 'must be given: the cleanup itself runs each day' }),
  tenant: tenantOrDeployment.optional(),
  json: z.boolean().default(false),
})

/** How long what of a tenant is kept. */
export function keepFor(argv: readonly string[]): Command {
  const { tenant, ...kept } = readOptions(argv, keeping)
  if (Object.values(kept).every((value) => value === undefined)) {
    throw new CommandRefused('Nothing to set: say what is kept for how long; --help lists it.')
  }
  const { 'close-after': closeAfter, 'archive-after': archiveAfter, ...rest } = kept
  return {
    role: 'owner',
    run: async ({ administration }) => {
      const isKnown = await administration.setRetention({
        ...{ tenantId: tenant, closeAfter, archiveAfter },
        ...rest,
      })
      if (!isKnown) throw new CommandRefused(`There is no tenant ${tenant}.`)
      return JSON.stringify({ tenantId: tenant })
    },
  }
}

/** What the next cleanup would do, and what is held back; changes nothing. */
export function previewCleanup(argv: readonly string[]): Command {
  const { tenant, json } = readOptions(argv, preview)
  return {
    role: 'functions',
    run: async ({ cleanups }) => {
      const tenantIds = tenant === undefined ? await cleanups.tenantIds() : [tenant]
      const found: (CleanupBatch & { readonly tenantId: string })[] = []
      for (const tenantId of tenantIds) {
        for (const stage of await stagesOf(cleanups, tenantId)) found.push({ tenantId, ...stage })
      }
      if (json) return JSON.stringify(found)
      return found.length === 0 ? 'Nothing is over.' : table(found.map(toRow))
    },
  }
}

/** What each stage comes to, of the stages that come to anything. */
async function stagesOf(
  cleanups: Pick<CleanupStore, 'preview'>,
  tenant: string,
): Promise<readonly CleanupBatch[]> {
  const sums = new Map<string, CleanupBatch>()
  let from: CleanupPlace | undefined
  do {
    const { stage, changed, held, next } = await cleanups.preview(tenant, from)
    const known = sums.get(stage)
    const total = { ...known?.held }
    for (const [why, count] of Object.entries(held)) total[why] = (total[why] ?? 0) + count
    sums.set(stage, { stage, changed: changed + (known?.changed ?? 0), held: total })
    from = next
  } while (from !== undefined)
  return [...sums.values()].filter(
    ({ changed, held }) => changed > 0 || Object.keys(held).length > 0,
  )
}

function toRow({ tenantId, stage, changed, held }: CleanupBatch & { readonly tenantId: string }) {
  const why = Object.entries(held).map(([reason, count]) => `${count} ${reason}`)
  return { tenant: tenantId, stage, 'would change': String(changed), 'held back': why.join(', ') }
}
