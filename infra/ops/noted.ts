import * as z from 'zod'
import { deploymentTenantId } from '#shared/domain/deployment.ts'
import { readOptions } from './arguments.ts'
import { noteOf, reader } from './audit.ts'
import type { Command } from './operations.ts'

const why = z.object(reader)

/**
 * A command that changes something: it takes `--as` and `--purpose` beside its own options, and once it
 * is done it leaves a row in the audit of the tenant that it changed; of one that is of no tenant, in
 * that of the deployment.
 */
export function noted(
  name: string,
  argv: readonly string[],
  read: (argv: readonly string[]) => Command,
): Command {
  const { own, rest } = apart(argv)
  const given = readOptions(own, why)
  const command = read(rest)
  return {
    role: command.role,
    run: async (operations) => {
      const told = await command.run(operations)
      const tenantId = tenantIn(rest) ?? deploymentTenantId
      await operations.audit.desk.note({ ...noteOf(name, given), tenantId })
      return told
    },
  }
}

/** `--as` and `--purpose` with their values, and the rest. */
function apart(argv: readonly string[]) {
  const own: string[] = []
  const rest: string[] = []
  for (let at = 0; at < argv.length; at += 1) {
    const [option = '', value] = (argv[at] ?? '').split('=', 2)
    const isOwn = option === '--as' || option === '--purpose'
    const taken = isOwn && value === undefined ? argv.slice(at, at + 2) : argv.slice(at, at + 1)
    const to = isOwn ? own : rest
    to.push(...taken)
    at += taken.length - 1
  }
  return { own, rest }
}

function tenantIn(argv: readonly string[]): string | undefined {
  const written = argv.find((argument) => argument.startsWith('--tenant='))
  if (written !== undefined) return written.slice('--tenant='.length)
  const at = argv.indexOf('--tenant')
  return at < 0 ? undefined : argv[at + 1]
}
