import { parseArgs } from 'node:util'
import { benchAudit } from './audit.ts'
import { benchLists } from './lists/main.ts'
import { benchRoads } from './roads/main.ts'
import { benchSealing } from './sealing.ts'
import { openBenchWorld } from './world.ts'

/** `npm run bench -- [roads] [lists] [audit] [--messages 10000000] [--entries 1000000]`: without a name, all. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    messages: { type: 'string', default: '10000000' },
    entries: { type: 'string', default: '1000000' },
  },
})
const messages = Number(values.messages)
if (!Number.isInteger(messages) || messages < 10_000) {
  throw new Error('--messages takes a whole number, 10000 at least')
}

const entries = Number(values.entries)
if (!Number.isInteger(entries) || entries < 1000) {
  throw new Error('--entries takes a whole number, 1000 at least')
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

const benches: Readonly<Record<string, () => Promise<boolean>>> = {
  roads: () => benchRoads(print),
  lists: async () => {
    const world = await openBenchWorld()
    try {
      await benchSealing(world, print)
      return await benchLists(world, messages, print)
    } finally {
      await world.close()
    }
  },
  audit: async () => {
    const world = await openBenchWorld()
    try {
      return await benchAudit(world, entries, print)
    } finally {
      await world.close()
    }
  },
}

const names = positionals.length > 0 ? positionals : Object.keys(benches)
let isGood = true
for (const name of names) {
  const bench = benches[name]
  if (bench === undefined) throw new Error(`there is no bench "${name}": roads, lists, audit`)
  isGood = (await bench()) && isGood
}
print(isGood ? 'every figure is within its bound' : 'a figure is out of its bound')
process.exitCode = isGood ? 0 : 1
