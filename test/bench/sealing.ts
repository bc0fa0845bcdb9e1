import { randomUUID } from 'node:crypto'
import { openContent, sealContent } from '#shared/adapters/database/sealed-cells.ts'
import type { BenchWorld } from './world.ts'

const items = 20_000
/** What is claimed of sealing or opening one item; printed beside, never judged. */
const claimedMicroseconds = 60

/** Characters of a text: a short one, a whole paragraph, and the most that WhatsApp takes. */
const sizes = [40, 400, 4096]

/** What sealing and opening a message costs, in microseconds of one core. */
export async function benchSealing(
  { sealer, caller }: BenchWorld,
  print: (line: string) => void,
): Promise<boolean> {
  const cells = await sealer.forTenant(caller.tenantId)
  const rowToken = randomUUID()
  for (const size of sizes) {
    const text = 'Sua parcela de R$ 129,90 vence amanhã. '.repeat(size).slice(0, size)
    const content = { type: 'text', text } as const
    const sealed = Buffer.from(sealContent(cells, content, rowToken), 'base64')
    const opened = openContent(cells, sealed, rowToken)
    if (JSON.stringify(opened) !== JSON.stringify(content)) throw new Error('it opened as another')
    const sealing = microsecondsEach(() => sealContent(cells, content, rowToken))
    const opening = microsecondsEach(() => openContent(cells, sealed, rowToken))
    const isAbove = Math.max(sealing, opening) > claimedMicroseconds
    print(
      `sealing a text of ${size} characters: ${sealing.toFixed(1)} µs; opening it: ${opening.toFixed(1)} µs (claimed: <= ${claimedMicroseconds} µs each${isAbove ? '; ABOVE' : ''})`,
    )
  }
  return true
}

/** Of all threads of this process, so that what else the machine does counts for little. */
function microsecondsEach(work: () => unknown): number {
  for (let item = 0; item < items / 10; item += 1) work()
  const before = process.cpuUsage()
  for (let item = 0; item < items; item += 1) work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / items
}
