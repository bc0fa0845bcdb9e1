import { parseArgs } from 'node:util'
import { benchLists } from './lists/main.ts'
import { openBenchWorld } from './world.ts'

/** `npm run bench -- [--messages 10000000]`: figures of lists in a tenant of that many messages. */
const { values } = parseArgs({ options: { messages: { type: 'string', default: '10000000' } } })
const messages = Number(values.messages)
if (!Number.isInteger(messages) || messages < 10_000) {
  throw new Error('--messages takes a whole number, 10000 at least')
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

const world = await openBenchWorld()
let isGood = false
try {
  isGood = await benchLists(world, messages, print)
} finally {
  await world.close()
}
print(isGood ? 'every figure is within its bound' : 'a figure is out of its bound')
process.exitCode = isGood ? 0 : 1
