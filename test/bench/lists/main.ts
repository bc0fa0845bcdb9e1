import type { BenchWorld } from '../world.ts'
import { type Filled, fill, sizesOf } from './fill.ts'
import { lists, type Measured, measure, ratioOf } from './lists.ts'

/** More is a list that reads what came before its page. */
const mostRatio = 1.1
/** Once for the caches, then as told. */
const runs = 5

const count = (value: number) => value.toLocaleString('en')

/** Fills a tenant and reads each list at its start and deep in it. False: one reads too much. */
export async function benchLists(
  world: BenchWorld,
  messages: number,
  print: (line: string) => void,
): Promise<boolean> {
  const startedAt = performance.now()
  const sizes = sizesOf(messages)
  print(`lists: filling ${count(messages)} messages in ${count(sizes.chats + 1)} chats`)
  const filled = await fill(
    world,
    { tenantId: world.caller.tenantId, senderId: world.senderId },
    sizes,
  )
  const { rows } = await world.owner.query(
    'select pg_size_pretty(pg_database_size(current_database())) as size',
  )
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  print(`  filled in ${seconds} s, ${rows[0]?.size}`)
  const position = Math.floor(messages / 10)
  const measured: Measured[] = []
  for (const list of lists) measured.push(await warm(world, list, { filled, position }))
  for (const each of measured) report(each, print)
  return measured.every(isWithin)
}

/** The last of several runs, so that blocks come from memory for both pages. */
async function warm(
  world: BenchWorld,
  list: (typeof lists)[number],
  at: { readonly filled: Filled; readonly position: number },
): Promise<Measured> {
  for (let run = 1; run < runs; run += 1) await measure(world, list, at)
  return measure(world, list, at)
}

function isWithin(measured: Measured): boolean {
  const { first, deep, mostRows } = measured
  return (
    ratioOf(measured) <= mostRatio && [first, deep].every(({ rowsRead }) => rowsRead <= mostRows)
  )
}

function report(measured: Measured, print: (line: string) => void): void {
  const { name, position, first, deep } = measured
  const ratio = ratioOf(measured)
  print(`${name}${isWithin(measured) ? '' : '  TOO MUCH'}`)
  for (const [page, reading] of [
    ['first page', first],
    [`at ${count(position)}`, deep],
  ] as const) {
    print(
      `  ${page.padEnd(14)} ${count(reading.rowsRead).padStart(6)} rows read for ` +
        `${reading.rowsAnswered}, ${count(reading.blocks).padStart(6)} blocks, ` +
        `${reading.milliseconds.toFixed(2).padStart(8)} ms`,
    )
  }
  print(`  rows read, dearer to cheaper: ${ratio.toFixed(3)}`)
  for (const [name, rows] of Object.entries(deep.scans)) print(`    ${name}: ${rows}`)
}
