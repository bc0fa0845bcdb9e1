import { timingSafeEqual } from 'node:crypto'
import { Refusal } from '../../domain/errors.ts'
import type { Page } from '../../ports/chat-store.ts'
import type { TenantSealer } from '../../ports/sealer.ts'
import type { Row } from './data-api.ts'

const tagBytes = 12

/**
 * An opaque cursor: a position and a keyed tag over tenant (by its key), scope and position, so
 * that it works for the list and filter it was made for and no other.
 */
export function writeCursor(
  sealer: TenantSealer,
  scope: string,
  position: readonly string[],
): string {
  const text = JSON.stringify(position)
  return Buffer.concat([tag(sealer, scope, text), Buffer.from(text)]).toString('base64url')
}

/** The position of a cursor; undefined for no cursor. Throws Refusal `invalid-cursor`. */
export function readCursor(
  sealer: TenantSealer,
  scope: string,
  cursor: string | undefined,
): readonly string[] | undefined {
  if (cursor === undefined) return undefined
  const raw = Buffer.from(cursor, 'base64url')
  const text = raw.subarray(tagBytes).toString('utf8')
  const given = raw.subarray(0, tagBytes)
  const right = tag(sealer, scope, text)
  if (given.length !== tagBytes || !timingSafeEqual(given, right)) {
    throw new Refusal('invalid-cursor')
  }
  return JSON.parse(text) as readonly string[]
}

function tag(sealer: TenantSealer, scope: string, text: string): Buffer {
  return Buffer.from(sealer.hash(`cursor:${scope}`, text)).subarray(0, tagBytes)
}

/** A page of rows read with one row more than asked, which tells whether another page follows. */
export function pageOf<T>(
  rows: readonly Row[],
  shape: {
    limit: number
    sealer: TenantSealer
    scope: string
    cursorAfter: (row: Row) => readonly string[]
    item: (row: Row) => T
  },
): Page<T> {
  const shown = rows.slice(0, shape.limit)
  const last = shown.at(-1)
  const more = rows.length > shape.limit && last !== undefined
  return {
    items: shown.map(shape.item),
    nextCursor: more ? writeCursor(shape.sealer, shape.scope, shape.cursorAfter(last)) : undefined,
  }
}
