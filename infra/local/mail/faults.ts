import * as z from 'zod'

/**
 * - `throttle`, `daily-quota`, `paused`, `error`, `reset`: the mail is not accepted;
 * - `error-after-accepting`, `reset-after-accepting`, `hang-after-accepting`: it is, and the caller
 *   is not told;
 * - `no-events`, `duplicate-events`, `reversed-events`: it is, and its events go wrong.
 */
const faultKinds = [
  'throttle',
  'daily-quota',
  'paused',
  'error',
  'reset',
  'error-after-accepting',
  'reset-after-accepting',
  'hang-after-accepting',
  'no-events',
  'duplicate-events',
  'reversed-events',
] as const

type MailFaultKind = (typeof faultKinds)[number]

export const mailFaultShape = z.strictObject({
  kind: z.enum(faultKinds),
  /** How many sends it hits; default 1, and for `paused` and `daily-quota` all until cleared. */
  count: z.int().positive().optional(),
})
export type MailFault = z.infer<typeof mailFaultShape>

export interface Faults {
  add(fault: MailFault): void
  clear(): void
  list(): readonly MailFault[]
  /** True, and one less left, when the next send is to have this fault. */
  take(kind: MailFaultKind): boolean
  /** True while a fault of that kind is set. */
  has(kind: MailFaultKind): boolean
}

const lasting: readonly MailFaultKind[] = ['paused', 'daily-quota']

export function makeFaults(): Faults {
  const left = new Map<MailFaultKind, number>()
  return {
    add({ kind, count }) {
      const most = lasting.includes(kind) ? Number.POSITIVE_INFINITY : 1
      left.set(kind, (left.get(kind) ?? 0) + (count ?? most))
    },
    clear: () => left.clear(),
    list: () =>
      [...left].map(([kind, count]) => (Number.isFinite(count) ? { kind, count } : { kind })),
    take(kind) {
      const remaining = left.get(kind)
      if (remaining === undefined) return false
      if (remaining > 1) left.set(kind, remaining - 1)
      else left.delete(kind)
      return true
    },
    has: (kind) => left.has(kind),
  }
}
