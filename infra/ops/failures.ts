import * as z from 'zod'
import type { RecordedFailure } from '#shared/adapters/database/task-failures.ts'
import { readId, readIdAnd, readOptions, rowLimit, tenantOrDeployment } from './arguments.ts'
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
})

/** Dead letters that nobody has resolved, newest first; `--all` shows the others too. */
export function listFailures(argv: readonly string[]): Command {
  const { tenant, limit, all, json } = readOptions(argv, listOptions)
  return {
    role: 'functions',
    run: async ({ failures }) => {
      const found = await failures.list({ tenantId: tenant, withResolved: all, limit })
      if (json) return JSON.stringify(found)
      return found.length === 0 ? 'There are no failures.' : describe(found, limit)
    },
  }
}

function describe(found: readonly RecordedFailure[], limit: number): string {
  const rows = found.map((failure) => ({
    id: failure.taskFailureId,
    'at (São Paulo)': localTime(failure.createdAt),
    tenant: failure.tenantId,
    queue: failure.queue,
    reason: failure.reason,
    body: failure.hasBody ? 'kept' : 'gone',
    'resolved at': localTime(failure.resolvedAt),
  }))
  const more = found.length === limit ? ' There may be more: raise --limit.' : ''
  return `${table(rows)}\n\n${found.length} shown, newest first.${more}`
}

/** One failure with its body, opened. */
export function showFailure(argv: readonly string[]): Command {
  const { id, options } = readIdAnd(argv, z.object(reader))
  return {
    role: 'functions',
    run: async (operations) => {
      const failure = await findFailure(operations, id)
      const shown = { ...failure, body: await operations.letters.open(failure) }
      await operations.audit.desk.note({
        ...noteOf('failures show', options),
        tenantId: failure.tenantId,
      })
      return printable(JSON.stringify(shown, null, 2))
    },
  }
}

/** Puts the body back on the queue it came from. Applied twice it changes nothing. */
export function retryFailure(argv: readonly string[]): Command {
  const id = readId(argv)
  return {
    role: 'functions',
    run: async (operations) => {
      const failure = await findFailure(operations, id)
      if (failure.resolvedAt !== undefined) {
        throw new CommandRefused(`Failure ${id} was resolved at ${failure.resolvedAt}.`)
      }
      const sent = await operations.letters.putBack(failure)
      // Not before: a letter that is sent twice does no harm, one that is lost does.
      await operations.failures.resolve(id)
      return JSON.stringify({ taskFailureId: id, ...sent })
    },
  }
}

/** Marks a failure as resolved without putting it back, for what nobody will ever read. */
export function dismissFailure(argv: readonly string[]): Command {
  const id = readId(argv)
  return {
    role: 'functions',
    run: async (operations) => {
      await findFailure(operations, id)
      await operations.failures.resolve(id)
      return JSON.stringify({ taskFailureId: id })
    },
  }
}

async function findFailure({ failures }: Operations, id: string): Promise<RecordedFailure> {
  const failure = await failures.find(id)
  if (failure === undefined) throw new CommandRefused(`There is no failure ${id}.`)
  return failure
}
