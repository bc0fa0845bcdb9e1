import { randomUUID } from 'node:crypto'
import { openContent, sealContent } from '#shared/adapters/database/sealed-cells.ts'
import type { BenchWorld } from './world.ts'

const items = 20_000

/** What sealing and opening a message costs, in microseconds of one core. */
export async function benchSealing(
  { sealer, caller }: BenchWorld,
  print: (line: string) => void,
): Promise<void> {
  const cells = await sealer.forTenant(caller.tenantId)
  const rowToken = randomUUID()
  const content = { type: 'text', text: 'Sua parcela de R$ 129,90 vence amanhã.' } as const
  const sealed = Buffer.from(sealContent(cells, content, rowToken), 'base64')
  const sealing = microsecondsEach(() => sealContent(cells, content, rowToken))
  const opening = microsecondsEach(() => openContent(cells, sealed, rowToken))
  print(`sealing a text: ${sealing} µs; opening it: ${opening} µs`)
}

function microsecondsEach(work: () => unknown): string {
  for (let item = 0; item < items / 10; item += 1) work()
  const startedAt = performance.now()
  for (let item = 0; item < items; item += 1) work()
  return (((performance.now() - startedAt) / items) * 1000).toFixed(1)
}
