import { createHash } from 'node:crypto'
import type { Durations } from '../../domain/durations.ts'
import type { Job } from '../../ports/job-store.ts'
import type { ResealStep, ResealStore } from '../../ports/reseal-store.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import type { DataApi, Row } from './data-api.ts'
import { number, optionalBytes, optionalText, text } from './row-values.ts'
import { base64 } from './sealed-cells.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
  readonly waits: Durations
}

/** Rows looked at, and cells sealed, in a step: with their bytes within the Data API's 1 MiB. */
const limits = { scan: 2000, most: 200 }
const scanned = 5000
/** A row of the Data API has 64 KB, base64 included. */
const pieceBytes = 40_000
/** Version and epoch at the beginning of a cell. */
const headerBytes = 3

/** Sealing anew in PostgreSQL; the task keeps the place. */
export function makeResealStore({ database, sealer, waits }: Parts): ResealStore {
  async function step(job: Job): Promise<ResealStep> {
    const claim = { tenantId: job.tenantId, taskId: job.taskId, fence: job.fence }
    const rows = await database.query(
      `select r.place, r.key, r.row_token, r.size, r.cell, r.sealed_table, r.sealed_column,
         r.then_place
       from read_cells_v1(:input::jsonb) r`,
      { input: JSON.stringify({ ...claim, ...limits }) },
    )
    const end = rows.find((row) => optionalText(row, 'row_token') === undefined)
    if (end === undefined) return { state: 'lost' }
    const own = await sealer.forTenant(job.tenantId)
    const old = rows.filter((row) => row !== end)
    const cells = await Promise.all(old.map((row) => sealAnew(row, own, job.tenantId)))
    const sealed = cells.filter((cell) => cell !== undefined)
    if (sealed.some(({ isOld }) => isOld)) return { state: 'early' }

    const thenPlace = optionalText(end, 'then_place')
    const [written] = await database.query('select write_cells_v1(:input::jsonb) as cells', {
      input: JSON.stringify({
        ...claim,
        leaseSeconds: waits.leaseSeconds,
        place: text(end, 'place'),
        cells: sealed.map(({ key, was, cell }) => ({ key, was, cell })),
        thenPlace: thenPlace ?? null,
        thenAfter: JSON.parse(optionalText(end, 'key') ?? 'null'),
      }),
    })
    if (written === undefined || optionalText(written, 'cells') === undefined) {
      return { state: 'lost' }
    }
    return {
      state: thenPlace === undefined ? 'done' : 'more',
      resealed: number(written, 'cells'),
      unreadable: cells.length - sealed.length,
    }
  }

  /** Undefined: no key of the tenant opens it. */
  async function sealAnew(row: Row, own: TenantSealer, tenantId: string) {
    const cell = {
      table: text(row, 'sealed_table'),
      column: text(row, 'sealed_column'),
      rowToken: text(row, 'row_token'),
    }
    const old = optionalBytes(row, 'cell') ?? (await readLarge(database, row, tenantId))
    try {
      const sealed = Buffer.from(own.seal(cell, own.open(cell, old)))
      return {
        key: JSON.parse(text(row, 'key')) as readonly string[],
        was: createHash('sha256').update(old).digest('base64'),
        cell: base64(sealed),
        isOld: sealed.subarray(0, headerBytes).equals(Buffer.from(old).subarray(0, headerBytes)),
      }
    } catch {
      return undefined
    }
  }

  return { step, findOld: (tenantId) => findOld(database, tenantId) }
}

/** A cell that no row can carry: rare, so its calls may be more. */
async function readLarge(database: DataApi, row: Row, tenantId: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for (let start = 0; start < number(row, 'size'); start += pieceBytes) {
    const [piece] = await database.query(`select c.piece from cell_piece_v1(:input::jsonb) c`, {
      input: JSON.stringify({
        tenantId,
        place: text(row, 'place'),
        key: JSON.parse(text(row, 'key')),
        ...{ start: start + 1, bytes: pieceBytes },
      }),
    })
    // Changed or gone since: what was read opens nothing, and is looked for again.
    pieces.push((piece && optionalBytes(piece, 'piece')) ?? new Uint8Array())
  }
  return Buffer.concat(pieces)
}

async function findOld(database: DataApi, tenantId: string): Promise<string | undefined> {
  const places = await database.query('select place from sealed_places_v1()')
  for (const place of places.map((row) => text(row, 'place'))) {
    let after: string | undefined
    do {
      const rows = await database.query(
        `select c.key::text as key, c.row_token
         from old_cells_v1(:tenant::bigint, :place, :after::jsonb, :scan::integer, 1) c`,
        { tenant: tenantId, place, after: after ?? null, scan: scanned },
      )
      if (rows.length > 1) return place
      after = rows[0] && optionalText(rows[0], 'key')
    } while (after !== undefined)
  }
  return undefined
}
