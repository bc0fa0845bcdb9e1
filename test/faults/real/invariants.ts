import type pg from 'pg'
import { messageInvariants } from './invariants-messages.ts'
import { webhookInvariants } from './invariants-webhooks.ts'

/** A law of the product as a query that finds who breaks it: a column `id`, and what is wrong. */
export interface Invariant {
  readonly name: string
  readonly says: string
  /** Must find nothing. */
  readonly sql: string
}

export interface Violation {
  readonly invariant: string
  readonly says: string
  readonly found: number
  /** The first few. */
  readonly examples: readonly Readonly<Record<string, unknown>>[]
}

const mostExamples = 5

/** Asks every invariant; answers those that do not hold. */
export async function brokenInvariants(owner: pg.Pool | pg.ClientBase): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const { name, says, sql } of [...messageInvariants, ...webhookInvariants]) {
    const { rows } = await owner.query(sql)
    if (rows.length === 0) continue
    const examples = rows.slice(0, mostExamples)
    violations.push({ invariant: name, says, found: rows.length, examples })
  }
  return violations
}
