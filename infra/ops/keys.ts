import * as z from 'zod'
import { readOptions, tenantId } from './arguments.ts'
import type { Command } from './operations.ts'
import { CommandRefused } from './refused.ts'

const options = z.object({ tenant: tenantId })

const refusals: Readonly<Record<string, string>> = {
  'too-early': 'Functions may still seal under the old key: wait 15 minutes.',
  'answers-kept':
    'Requests from before the newest key may still be repeated, and their answers hold old cells: wait until 30 days after it.',
}

/** A new data key; what is there is sealed anew by a task. */
export function rotateKey(argv: readonly string[]): Command {
  const { tenant } = readOptions(argv, options)
  return {
    role: 'owner',
    run: async ({ administration }) => {
      const epoch = await administration.rotateKey(tenant)
      if (epoch === undefined) {
        throw new CommandRefused(`There is no tenant ${tenant}, or somebody rotated it just now.`)
      }
      return JSON.stringify({ tenantId: tenant, epoch })
    },
  }
}

/** Removes the data keys before the newest, once no cell is sealed under them. */
export function retireKeys(argv: readonly string[]): Command {
  const { tenant } = readOptions(argv, options)
  return {
    role: 'owner',
    run: async ({ administration, cells }) => {
      const place = await cells.findOld(tenant)
      if (place !== undefined) {
        throw new CommandRefused(`${place} still has cells under an older key.`)
      }
      const { outcome, keys } = await administration.retireKeys(tenant)
      const refusal = refusals[outcome]
      if (refusal !== undefined) throw new CommandRefused(refusal)
      return JSON.stringify({ tenantId: tenant, keys })
    },
  }
}
