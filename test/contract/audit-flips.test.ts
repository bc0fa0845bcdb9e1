import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AuditHead, AuditLink, AuditRow } from '#shared/domain/audit-chain.ts'
import {
  type AuditWorld,
  everything,
  openAuditWorld,
  verifyKept,
} from '#test/support/audit-world.ts'

interface Kept {
  readonly rows: readonly AuditRow[]
  readonly links: readonly AuditLink[]
  readonly heads: readonly AuditHead[]
}
type Flip = (kept: Kept, index: number, random: (below: number) => number) => Kept

const chains = 200
const length = 50
const seed = 20_261_125

let world: AuditWorld
const kept: Kept[] = []

beforeAll(async () => {
  world = await openAuditWorld()
  const tenants = []
  for (let count = 0; count < chains; count += 1) {
    const { tenantId } = await world.addTenant({ hasSender: false })
    await world.write(tenantId, length)
    tenants.push(tenantId)
  }
  await world.chainAll()
  const heads = await world.chain.heads()
  for (const tenantId of tenants) {
    kept.push({
      rows: await everything(world.chain.rows(tenantId)),
      links: await everything(world.chain.links(tenantId)),
      heads: heads.filter((head) => head.tenantId === tenantId),
    })
  }
}, 120_000)
afterAll(() => world.close())

/** A bit of a bigint or xid8 that leaves it one. */
const inNumber = (value: string, random: (below: number) => number) =>
  String(BigInt(value) ^ (1n << BigInt(random(62))))

/** A bit of one of the letters. */
function inText(value: string, random: (below: number) => number): string {
  const letters = [...(value === '' ? '\0' : value)]
  const place = random(letters.length)
  const code = letters[place]?.codePointAt(0) ?? 0
  letters[place] = String.fromCodePoint(code ^ (1 << random(7)))
  return letters.join('')
}

function inHex(value: string, random: (below: number) => number): string {
  const bytes = Buffer.from(value, 'hex')
  const place = random(bytes.length)
  bytes[place] = (bytes[place] ?? 0) ^ (1 << random(8))
  return bytes.toString('hex')
}

const inOneOf = (value: string, random: (below: number) => number) => {
  const ids = value.split(',')
  const place = random(ids.length)
  return ids.map((id, index) => (index === place ? inNumber(id, random) : id)).join(',')
}

const order = (one: AuditRow, other: AuditRow) =>
  Number(BigInt(one.xid) - BigInt(other.xid)) || Number(BigInt(one.auditId) - BigInt(other.auditId))

/** As the database would answer: in order, and nothing of another tenant. */
const ofRow =
  (
    column: keyof AuditRow,
    flip: (value: string, random: (below: number) => number) => string,
  ): Flip =>
  (chain, index, random) => ({
    ...chain,
    rows: chain.rows
      .map((row, at) =>
        at === index ? { ...row, [column]: flip(row[column] ?? '', random) } : row,
      )
      .toSorted(order),
  })

const ofLink =
  (
    column: keyof AuditLink,
    flip: (value: string, random: (below: number) => number) => string,
  ): Flip =>
  (chain, index, random) => ({
    ...chain,
    links: chain.links
      .map((link, at) => (at === index ? { ...link, [column]: flip(link[column], random) } : link))
      .toSorted((one, other) => Number(BigInt(one.position) - BigInt(other.position))),
  })

const without =
  (list: 'rows' | 'links'): Flip =>
  (chain, index) => ({
    ...chain,
    [list]: chain[list].toSpliced(index, 1),
  })

const flips: Readonly<Record<string, Flip>> = {
  'the tenant of an entry': without('rows'),
  'xid of an entry': ofRow('xid', inNumber),
  'audit_id of an entry': ofRow('auditId', inNumber),
  at: ofRow('at', inNumber),
  actor_kind: ofRow('actorKind', inText),
  actor: ofRow('actor', inText),
  action: ofRow('action', inText),
  outcome: ofRow('outcome', inText),
  purpose: ofRow('purpose', inText),
  request_id: ofRow('requestId', inText),
  objects: ofRow('objects', inText),
  person_ids: ofRow('personIds', inOneOf),
  'the tenant of a link': without('links'),
  position: ofLink('position', inNumber),
  'xid of a link': ofLink('xid', inNumber),
  'audit_id of a link': ofLink('auditId', inNumber),
  hash: ofLink('hash', inHex),
}

it('finds a bit that flipped in any of 10,000 entries or their links', async () => {
  const random = numbers(seed)
  const names = Object.keys(flips)
  const tried = new Map<string, number>()
  const unseen: string[] = []
  for (const chain of kept) {
    expect(await verifyKept(chain, chain.heads)).toMatchObject({ links: length, findings: [] })
    for (let index = 0; index < length; index += 1) {
      const name = names[random(names.length)] ?? ''
      const flipped = flips[name]?.(chain, index, random)
      if (flipped === undefined) throw new Error(`no flip ${name}`)
      const { findings } = await verifyKept(flipped, flipped.heads)
      if (findings.length === 0) unseen.push(`${name} at ${index}`)
      tried.set(name, (tried.get(name) ?? 0) + 1)
    }
  }
  expect(unseen).toEqual([])
  expect([...tried.values()].reduce((sum, count) => sum + count, 0)).toBe(chains * length)
  expect(tried.size).toBe(names.length)
}, 240_000)

it('finds two entries that changed places', async () => {
  const [chain] = kept
  if (chain === undefined) throw new Error('no chain')
  const [first, second, ...rest] = chain.rows
  if (first === undefined || second === undefined) throw new Error('no entries')
  const places = ({ xid, auditId }: AuditRow) => ({ xid, auditId })
  const rows = [{ ...second, ...places(first) }, { ...first, ...places(second) }, ...rest]
  expect((await verifyKept({ ...chain, rows })).findings).toEqual([
    { fault: 'hash-differs', position: '1', auditId: first.auditId },
    { fault: 'hash-differs', position: '2', auditId: second.auditId },
  ])
})

it('names each of several faults', async () => {
  const [chain] = kept
  if (chain === undefined) throw new Error('no chain')
  const rows = chain.rows.map((row, at) => (at % 20 === 0 ? { ...row, purpose: 'other' } : row))
  expect((await verifyKept({ ...chain, rows })).findings.map(({ position }) => position)).toEqual([
    '1',
    '21',
    '41',
  ])
})

/** mulberry32: whole numbers below a bound, the same each time. */
function numbers(start: number): (below: number) => number {
  let state = start
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
