import { Refusal } from '#shared/domain/errors.ts'
import type { PrivacyKind } from '#shared/domain/privacy.ts'
import type { Ledgers, WishEntry } from './ledgers.ts'
import type { Planning } from './plans.ts'
import { type End, type Surroundings, spawn } from './process.ts'
import type { Upkeep } from './upkeep.ts'

const functionTimeoutSeconds = 15

/**
 * Persons who want a copy, or to be erased, while others write to them, and cleanups of chats. Each is
 * asked for until it is answered. Answers how many still wait for that.
 */
export function planWishes({
  around,
  upkeep,
  ledgers,
  ...planning
}: Planning & {
  readonly around: Surroundings
  readonly upkeep: Upkeep
  readonly ledgers: Ledgers
}): { readonly outstanding: () => number } {
  const { simulation, luck, setting, parties } = planning
  const wanted = setting.upkeep ?? { erasures: 0, exports: 0, cleanups: 0, afterSeconds: 0 }
  let outstanding = 0

  function until<T>(name: string, work: Parameters<typeof spawn<T>>[1]['work'], told: Told<T>) {
    spawn(around, {
      name,
      timeoutSeconds: functionTimeoutSeconds,
      work,
      onEnd: (end) => {
        if (isAnswered(end)) {
          outstanding -= 1
          told(end)
        } else simulation.after(luck.between(500, 2000), () => until(name, work, told))
      },
    })
  }

  function ask(kind: PrivacyKind, number: number): void {
    const { tenantId, clientId, chats } = luck.pick(parties)
    const person = luck.pick(chats)
    const entry: WishEntry = {
      ...{ kind, tenantId, ...person },
      askedAt: simulation.clock.now(),
      requestId: undefined,
    }
    ledgers.wishes.push(entry)
    outstanding += 1
    const command = {
      ...{ tenantId, clientId, kind, personId: person.personId },
      request: { route: 'POST /persons', key: `${kind}-${number}`, body: '' },
    }
    until(
      `ask(${kind} ${person.personId})`,
      (process) => upkeep.ask(process, command),
      (end) => {
        if (end.outcome === 'done') entry.requestId = end.value.requestId
      },
    )
  }

  const plan = (times: number, run: (number: number) => void) => {
    for (let number = 0; number < times; number += 1) {
      const waitMs = wanted.afterSeconds * 1000 + luck.upTo(setting.spanSeconds * 900)
      simulation.after(waitMs, () => run(number))
    }
  }
  plan(wanted.erasures, (number) => ask('ERASURE', number))
  plan(wanted.exports, (number) => ask('EXPORT', number))
  plan(wanted.cleanups, () => {
    outstanding += 1
    until('plan-cleanups', upkeep.planCleanups, () => undefined)
  })
  return { outstanding: () => outstanding }
}

type Told<T> = (end: End<T>) => void

function isAnswered({ outcome, ...end }: End<unknown>): boolean {
  return outcome === 'done' || ('error' in end && end.error instanceof Refusal)
}
