import type { Channel } from '#shared/domain/channel.ts'
import type { StepFacts } from '#shared/domain/dunning/plan-step.ts'
import type { DunningPolicy } from '#shared/domain/dunning/policy.ts'
import type { DunningRules } from '#shared/ports/dunning-store.ts'
import type { LadderSend, StepRow } from '../system.ts'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

interface MemoryPerson {
  readonly personId: string
  readonly phone: string | undefined
  readonly hasEmail: boolean
  state: string | undefined
  readonly timeZone: string | undefined
  readonly optedOut: Set<Channel>
}

interface MemoryMovement {
  readonly movementId: string
  readonly personId: string
  readonly amountCents: number
  readonly status: 'OPEN' | 'CANCELLED'
  readonly createdAt: number
  /** By number. */
  readonly installments: MemoryInstallment[]
}

export interface MemoryInstallment {
  readonly installmentId: string
  readonly movementId: string
  readonly number: number
  readonly total: number
  readonly balanceCents: number
  dueOn: string
  version: number
  status: StepFacts['status']
}

export interface MemoryMessage extends LadderSend {
  readonly personId: string
  readonly sendAt: number
  readonly expiresAt: number
  readonly dueOn: string
  readonly balanceCents: number
  status: 'QUEUED' | 'SENT' | 'FAILED' | 'CANCELLED'
  reason: string | undefined
}

export interface MemoryTask {
  readonly taskId: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly messageId: string | undefined
  state: 'PENDING' | 'CLAIMED' | 'DONE'
  fence: number
  claimToken: string | undefined
}

export type MemoryRow = Mutable<StepRow> & { personId: string | undefined }

export const tenantId = '1'

/** The tables. */
export interface MemoryWorld {
  now: number
  policy: DunningPolicy | undefined
  policyVersion: number
  readonly company: DunningRules['company']
  readonly persons: Map<string, MemoryPerson>
  readonly movements: Map<string, MemoryMovement>
  readonly installments: Map<string, MemoryInstallment>
  /** Installments by due day, movements by the day on which they were told. */
  readonly byDueDay: Map<string, Set<MemoryInstallment>>
  readonly byCreation: Map<string, Set<MemoryMovement>>
  readonly orphans: Map<string, MemoryInstallment[]>
  readonly rows: Map<string, MemoryRow>
  /** Keys of rows by the day that they wait for. */
  readonly waiting: Map<string, Set<string>>
  readonly messages: Map<string, MemoryMessage>
  readonly queued: Set<MemoryMessage>
  readonly messagesOf: Map<string, MemoryMessage[]>
  readonly openTasks: Map<string, MemoryTask>
  nextId: number
}

export function makeWorld(company: DunningRules['company']): MemoryWorld {
  return {
    now: 0,
    policy: undefined,
    policyVersion: 0,
    company,
    persons: new Map(),
    movements: new Map(),
    installments: new Map(),
    byDueDay: new Map(),
    byCreation: new Map(),
    orphans: new Map(),
    rows: new Map(),
    waiting: new Map(),
    messages: new Map(),
    queued: new Set(),
    messagesOf: new Map(),
    openTasks: new Map(),
    nextId: 1,
  }
}

export function rowKey(installmentId: string, step: string): string {
  return `${installmentId}/${step}`
}

export function addTo<Key, Item>(index: Map<Key, Set<Item>>, key: Key, item: Item): void {
  const items = index.get(key)
  if (items === undefined) index.set(key, new Set([item]))
  else items.add(item)
}

export function newTask(
  world: MemoryWorld,
  payload: MemoryTask['payload'],
  messageId?: string,
): MemoryTask {
  const task: MemoryTask = {
    taskId: String(world.nextId++),
    ...{ payload, messageId, state: 'PENDING', fence: 0, claimToken: undefined },
  }
  world.openTasks.set(task.taskId, task)
  return task
}

/** Lets a row wait for a day, or takes it out of waiting. */
export function setRow(world: MemoryWorld, key: string, row: MemoryRow): void {
  const before = world.rows.get(key)
  if (before?.state === 'PLANNED') world.waiting.get(before.plannedOn)?.delete(key)
  if (row.state === 'PLANNED') addTo(world.waiting, row.plannedOn, key)
  world.rows.set(key, row)
}
