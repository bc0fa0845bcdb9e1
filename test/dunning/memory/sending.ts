import { localTime } from '#shared/domain/dunning/zoned-time.ts'
import type { LadderSend, SendResult } from '../system.ts'
import { type MemoryMessage, type MemoryWorld, newTask, rowKey, setRow } from './world.ts'

/** What the claim of sends does to messages of the ladder: time, then the guard. */
export function claimSends(world: MemoryWorld): readonly LadderSend[] {
  const sends: LadderSend[] = []
  for (const message of world.queued) {
    if (message.sendAt > world.now) continue
    const why = judge(world, message)
    if (why === undefined) sends.push(message)
    else endMessage(world, message, { status: 'FAILED', reason: why })
  }
  return sends
}

function judge(world: MemoryWorld, message: MemoryMessage): string | undefined {
  if (world.now >= message.expiresAt) return 'expired'
  return world.persons.get(message.personId)?.optedOut.has(message.channel)
    ? 'opted-out'
    : undefined
}

export function settleSends(world: MemoryWorld, results: readonly SendResult[]): void {
  for (const { send, result } of results) {
    const message = world.messages.get(send.messageId)
    if (message === undefined || result === 'later') continue
    endMessage(
      world,
      message,
      result === 'accepted' ? { status: 'SENT' } : { status: 'FAILED', reason: result.reason },
    )
  }
}

/** The projection's part: what is queued about a debt ends when the debt changes. */
export function cancelQueued(world: MemoryWorld, installmentId: string, reason: string): void {
  for (const message of world.queued) {
    if (message.installmentId !== installmentId) continue
    endMessage(world, message, { status: 'CANCELLED', reason })
  }
}

/** With what `follow_dunning_v1` makes of it. */
export function endMessage(
  world: MemoryWorld,
  message: MemoryMessage,
  end: { readonly status: MemoryMessage['status']; readonly reason?: string },
): void {
  message.status = end.status
  message.reason = end.reason
  world.queued.delete(message)
  const key = rowKey(message.installmentId, message.step)
  const row = world.rows.get(key)
  if (row === undefined || row.messageId !== message.messageId || end.status === 'SENT') return
  const reason = end.reason ?? 'cancelled'
  if (end.status === 'FAILED' && reason !== 'expired') {
    newTask(world, {}, message.messageId)
  } else if (reason === 'expired' || reason === 'installment-moved') {
    const plannedOn = localTime(world.now, world.company.timeZone).day
    setRow(world, key, { ...row, state: 'PLANNED', plannedOn, reason, channel: undefined })
  } else {
    setRow(world, key, { ...row, state: 'SKIPPED', reason })
  }
}
