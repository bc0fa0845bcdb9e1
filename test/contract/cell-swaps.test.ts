import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Cell, TenantSealer } from '#shared/ports/sealer.ts'
import { addSealedRows, cellsOf, freshSealer } from '#test/support/sealed-rows.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'

const swaps = 10_000
const seed = 20_261_125

/** mulberry32: the same sequence for the same seed. */
function sequence(state: number): () => number {
  let at = state
  return () => {
    at = (at + 0x6d2b79f5) | 0
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const kinds = ['row', 'column', 'tenant', 'epoch', 'whole'] as const
type Kind = (typeof kinds)[number]
type Found = Awaited<ReturnType<typeof cellsOf>>[number]

/** A cell as it would be opened in the other's place; undefined: both stand in the same one. */
function swap(kind: Kind, cell: Found, other: Found) {
  const sealed = Buffer.from(cell.sealed)
  const from = (kinds: readonly Kind[]) => (kinds.includes(kind) ? other : cell)
  const { table, column } = from(['column', 'whole'])
  const { rowToken } = from(['row', 'whole'])
  const { tenantId } = from(['tenant', 'whole'])
  // Another key of the same tenant: the header names the other epoch.
  if (kind === 'epoch') sealed.writeUInt16BE(3 - sealed.readUInt16BE(1), 1)
  const place = (at: Omit<Found, 'place' | 'sealed'>) =>
    [at.tenantId, at.table, at.column, at.rowToken].join('|')
  const into = { tenantId, table, column, rowToken }
  if (kind !== 'epoch' && place(into) === place(cell)) return undefined
  return { tenantId, into, sealed }
}

function opens(own: TenantSealer, { into, sealed }: { into: Cell; sealed: Uint8Array }): boolean {
  try {
    own.open(into, sealed)
    return true
  } catch {
    return false
  }
}

let world: PostgresWorld
beforeAll(async () => {
  world = await openPostgresWorld()
})
afterAll(() => world.close())

/** Three tenants with every kind of cell, under two keys each. */
async function cellsOfTwoEpochs() {
  const tenants = [await world.addTenant(), await world.addTenant(), await world.addTenant()]
  for (const tenant of tenants) await addSealedRows(world, world.sealer, tenant)
  for (const { tenantId } of tenants) await world.administration.rotateKey(tenantId)
  await world.owner.query(`update tenant_keys set seals_from = now() - interval '1 hour'`)
  const sealer = freshSealer(world)
  for (const tenant of tenants) await addSealedRows(world, sealer, tenant)

  const found = await Promise.all(tenants.map(({ tenantId }) => cellsOf(world, tenantId)))
  const cells = found.flat()
  const places = new Set(cells.map(({ place }) => place))
  expect(cells.length).toBe(places.size * tenants.length * 2)
  for (const cell of cells) {
    const own = await sealer.forTenant(cell.tenantId)
    expect(own.open(cell, cell.sealed).length).toBeGreaterThan(0)
  }
  return { sealer, cells }
}

it(`opens no cell in another place: ${swaps} swaps of row, column, tenant and key, seed ${seed}`, async () => {
  const { sealer, cells } = await cellsOfTwoEpochs()
  const random = sequence(seed)
  const pick = () => cells[Math.floor(random() * cells.length)]
  const refused: Record<Kind, number> = { row: 0, column: 0, tenant: 0, epoch: 0, whole: 0 }
  const openings: string[] = []
  for (let done = 0; done < swaps; ) {
    const [cell, other] = [pick(), pick()]
    if (cell === undefined || other === undefined || cell === other) continue
    const kind = kinds[Math.floor(random() * kinds.length)] ?? 'whole'
    const swapped = swap(kind, cell, other)
    if (swapped === undefined) continue
    done += 1
    const own = await sealer.forTenant(swapped.tenantId)
    if (opens(own, swapped)) openings.push(`${kind}: ${cell.place} in ${other.place}`)
    else refused[kind] += 1
  }
  expect(openings).toEqual([])
  expect(Object.values(refused).reduce((sum, count) => sum + count, 0)).toBe(swaps)
  for (const kind of kinds) expect(refused[kind]).toBeGreaterThan(500)
})
