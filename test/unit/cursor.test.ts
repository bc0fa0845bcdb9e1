import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pageOf, readCursor, writeCursor } from '#shared/adapters/database/cursor.ts'
import type { TenantSealer } from '#shared/ports/sealer.ts'

/** Only the keyed hash is used by cursors. */
function sealerOf(key: string): TenantSealer {
  return {
    seal: () => new Uint8Array(),
    open: () => '',
    hash: (purpose, value) => createHmac('sha256', key).update(`${purpose}\n${value}`).digest(),
  }
}

const sealer = sealerOf('tenant 1')
const refusal = expect.objectContaining({ name: 'Refusal', code: 'invalid-cursor' })

describe('cursors', () => {
  it('come back as they were written, for the same tenant and list', () => {
    void fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (position, scope) => {
        expect(readCursor(sealer, scope, writeCursor(sealer, scope, position))).toEqual(position)
      }),
    )
  })

  it('are refused for another tenant or list', () => {
    const cursor = writeCursor(sealer, 'chats', ['2026-11-23', '7'])
    expect(() => readCursor(sealerOf('tenant 2'), 'chats', cursor)).toThrow(refusal)
    expect(() => readCursor(sealer, 'messages:7:asc', cursor)).toThrow(refusal)
  })

  it('are refused when any byte differs, or when they are made up', () => {
    const raw = Buffer.from(writeCursor(sealer, 'chats', ['7']), 'base64url')
    for (let index = 0; index < raw.length; index += 1) {
      const bent = Buffer.from(raw)
      bent[index] = (bent[index] ?? 0) ^ 1
      expect(() => readCursor(sealer, 'chats', bent.toString('base64url'))).toThrow(refusal)
    }
    void fc.assert(
      fc.property(fc.string(), (made) => {
        expect(() => readCursor(sealer, 'chats', made)).toThrow(refusal)
      }),
    )
  })

  it('fit the query that carries them', () => {
    const position = ['2026-11-23T21:43:45.123456Z', '9'.repeat(18)]
    expect(writeCursor(sealer, 'chats', position).length).toBeLessThan(512)
  })

  it('none is the beginning', () => {
    expect(readCursor(sealer, 'chats', undefined)).toBeUndefined()
  })
})

describe('pageOf', () => {
  const shape = {
    limit: 2,
    sealer,
    scope: 'chats',
    cursorAfter: (row: Readonly<Record<string, unknown>>) => [String(row.id)],
    item: (row: Readonly<Record<string, unknown>>) => row.id,
  }
  const rows = [{ id: '1' }, { id: '2' }, { id: '3' }]

  it('goes on after the last row shown when there was one more', () => {
    const page = pageOf(rows, shape)
    expect(page.items).toEqual(['1', '2'])
    expect(readCursor(sealer, 'chats', page.nextCursor)).toEqual(['2'])
  })

  it('ends when there was none more', () => {
    expect(pageOf(rows.slice(0, 2), shape)).toEqual({ items: ['1', '2'], nextCursor: undefined })
    expect(pageOf([], shape)).toEqual({ items: [], nextCursor: undefined })
  })
})
