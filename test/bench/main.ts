import { parseArgs } from 'node:util'
import { benchAudit } from './audit.ts'
import { benchLists } from './lists/main.ts'
import { benchRoads } from './roads/main.ts'
import { benchSealing } from './sealing.ts'
import { type BenchWorld, openBenchWorld } from './world.ts'

/** `npm run bench -- [roads] [sealing] [lists] [audit] [--messages 10000000] [--entries 1000000]`: without a name, all. */
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
  sealing: () => onWorld((world) => benchSealing(world, print)),
  lists: () => onWorld((world) => benchLists(world, messages, print)),
  audit: () => onWorld((world) => benchAudit(world, entries, print)),
}

async function onWorld(bench: (world: BenchWorld) => Promise<boolean>): Promise<boolean> {
  const world = await openBenchWorld()
  try {
    return await bench(world)
  } finally {
    await world.close()
  }
}

const names = positionals.length > 0 ? positionals : Object.keys(benches)
let isGood = true
for (const name of names) {
  const bench = benches[name]
  if (bench === undefined)
    throw new Error(`there is no bench "${name}": ${Object.keys(benches).join(', ')}`)
  isGood = (await bench()) && isGood
}
print(isGood ? 'every figure is within its bound' : 'a figure is out of its bound')
process.exitCode = isGood ? 0 : 1
