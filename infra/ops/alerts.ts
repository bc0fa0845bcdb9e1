import * as z from 'zod'
import { readId, readOptions, rowLimit, tenantOrDeployment } from './arguments.ts'
import { noteOf, reader } from './audit.ts'
import type { Command, Operations } from './operations.ts'
import { printable } from './printable.ts'
import { CommandRefused } from './refused.ts'
import { localTime, table } from './table.ts'

const listOptions = z.object({
  tenant: tenantOrDeployment.optional(),
  limit: rowLimit,
  all: z.boolean().default(false),
  json: z.boolean().default(false),
  ...reader,
})

type Alert = Awaited<ReturnType<Operations['accountEvents']['list']>>[number]

/** What Meta told of accounts and is not acknowledged, newest first; `--all` shows the rest too. */
export function listAlerts(argv: readonly string[]): Command {
  const { tenant, limit, all, json, ...given } = readOptions(argv, listOptions)
  return {
    role: 'functions',
    run: async ({ accountEvents, audit }) => {
      const found = await accountEvents.list({ tenantId: tenant, withAll: all, limit })
      for (const tenantId of tenantsShown(found)) {
        await audit.desk.note({ ...noteOf('alerts list', given), tenantId })
      }
      if (json) return printable(JSON.stringify(found))
      return found.length === 0 ? 'There are no alerts.' : describe(found)
    },
  }
}

/** Whose alerts are shown with Meta's words, which may name people. */
function tenantsShown(found: readonly Alert[]): ReadonlySet<string> {
  return new Set(found.filter(({ details }) => details !== null).map(({ tenantId }) => tenantId))
}

function describe(found: readonly Alert[]): string {
  const rows = found.map((alert) => ({
    id: alert.accountEventId,
    'at (São Paulo)': localTime(alert.occurredAt),
    tenant: alert.tenantId,
    severity: alert.severity,
    topic: alert.topic,
    subject: alert.subject ?? '-',
    'acknowledged at': localTime(alert.acknowledgedAt),
    details:
      alert.details === null ? 'gone' : JSON.stringify(payloadOf(alert.details)).slice(0, 200),
  }))
  return printable(`${table(rows)}\n\n${found.length} shown, newest first.`)
}

/** What the provider said, without the item that it travelled in. */
function payloadOf(details: unknown): unknown {
  const isItem = typeof details === 'object' && details !== null && 'payload' in details
  return isItem ? details.payload : details
}

/** Marks an alert as seen. */
export function acknowledgeAlert(argv: readonly string[]): Command {
  const id = readId(argv)
  return {
    role: 'functions',
    run: async ({ accountEvents }) => {
      if (!(await accountEvents.acknowledge(id))) {
        throw new CommandRefused(`There is no alert ${id}.`)
      }
      return JSON.stringify({ accountEventId: id })
    },
  }
}
