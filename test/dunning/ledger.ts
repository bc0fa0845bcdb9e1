import { isState, stateOfPhone, zoneOfState } from '#shared/domain/dunning/brazilian-states.ts'
import { brazilianCalendar } from '#shared/domain/dunning/calendar.ts'
import type { LadderEvent, LadderSend, StepRow } from './system.ts'

/** What was true at every moment, kept beside the product, and what the provider was called with. */
export interface Ledger {
  note(event: LadderEvent): void
  /** The provider is called. */
  called(send: LadderSend, at: number): void
  /** It took the send, or told later that it did not arrive. */
  took(send: LadderSend): void
  lost(send: LadderSend): void
  readonly taken: number
  /** Every rule that was broken, in words. */
  verdict(rows: readonly StepRow[], until: string): readonly string[]
}

interface Truth {
  status: string
  dueOn: string
  readonly movementId: string
}

const company = 'America/Sao_Paulo'

export function makeLedger(): Ledger {
  const truths = new Map<string, Truth>()
  const persons = new Map<string, Extract<LadderEvent, { type: 'person' }>>()
  const owners = new Map<string, string>()
  const takes = new Map<string, number>()
  const broken: string[] = []
  let taken = 0

  function personOf(installmentId: string) {
    return persons.get(owners.get(truths.get(installmentId)?.movementId ?? '') ?? '')
  }

  return {
    get taken() {
      return taken
    },
    note(event) {
      if (event.type === 'person') persons.set(event.personId, event)
      else if (event.type === 'movement') owners.set(event.movementId, event.personId)
      else if (event.type !== 'opted-out') noteDebt(truths, event)
    },
    called(send, at) {
      const truth = truths.get(send.installmentId)
      const name = `${send.installmentId} ${send.step} on ${send.channel} at ${iso(at)}`
      if (truth?.status !== 'open') broken.push(`${name}: sent although ${truth?.status}`)
      const person = personOf(send.installmentId)
      const here = placeOf(person)
      const local = clockOf(at, here.zone)
      if (!isOpen(local, here.state))
        broken.push(`${name}: outside of the hours (${local.day} ${local.hour}h)`)
      if (send.step === 'due-today' && local.day !== truth?.dueOn) {
        broken.push(`${name}: said on ${local.day} of a debt due on ${truth?.dueOn}`)
      }
    },
    took(send) {
      taken += 1
      const key = `${send.installmentId}/${send.step}`
      const times = (takes.get(key) ?? 0) + 1
      takes.set(key, times)
      if (times > 1) broken.push(`${key}: taken ${times} times`)
    },
    lost(send) {
      const key = `${send.installmentId}/${send.step}`
      takes.set(key, (takes.get(key) ?? 0) - 1)
    },
    verdict(rows, until) {
      broken.push(...rows.flatMap((row) => rowFaults(row, { takes, until })))
      const days = rows
        .filter(({ state }) => state === 'SENT')
        .map((row) => `${personOf(row.installmentId)?.personId}/${row.plannedOn}`)
      broken.push(...repeated(days).map((day) => `${day}: several steps that day`))
      broken.push(...missing(rows, truths, until))
      return broken
    },
  }
}

type DebtEvent = Exclude<LadderEvent, { type: 'person' | 'movement' | 'opted-out' }>

function noteDebt(truths: Map<string, Truth>, event: DebtEvent): void {
  if (event.type === 'installment') truths.set(event.installmentId, { ...event, status: 'open' })
  const truth = truths.get(event.installmentId)
  if (truth === undefined || event.type === 'installment') return
  if (event.type === 'moved') truth.dueOn = event.dueOn
  else truth.status = event.type
}

function repeated(keys: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  return keys.filter((key) => seen.has(key) || !seen.add(key))
}

function rowFaults(
  row: StepRow,
  { takes, until }: { readonly takes: ReadonlyMap<string, number>; readonly until: string },
): readonly string[] {
  const key = `${row.installmentId}/${row.step}`
  const taken = takes.get(key) ?? 0
  if (row.state === 'SKIPPED' && taken !== 0) return [`${key}: left out, but taken`]
  if (row.state === 'SKIPPED' && row.reason === undefined)
    return [`${key}: left out without reason`]
  if (row.state === 'SENT' && taken !== 1) return [`${key}: sent, but taken ${taken} times`]
  if (row.state === 'PLANNED' && row.plannedOn < until)
    return [`${key}: forgotten since ${row.plannedOn}`]
  return []
}

/** Every step of the ladder by the due date has a row, once its day is over. */
function missing(
  rows: readonly StepRow[],
  truths: ReadonlyMap<string, Truth>,
  until: string,
): readonly string[] {
  const keys = new Set(rows.map(({ installmentId, step }) => `${installmentId}/${step}`))
  const steps = ['reminder', 'due-today', 'first-notice', 'second-notice', 'final-notice']
  const early = new Date(Date.parse(until) - 40 * 86_400_000).toISOString().slice(0, 10)
  return [...truths]
    .filter(([, { dueOn }]) => dueOn < early)
    .flatMap(([installmentId]) => steps.map((step) => `${installmentId}/${step}`))
    .filter((key) => !keys.has(key))
    .map((key) => `${key}: nothing is known of it`)
}

function placeOf(person: Extract<LadderEvent, { type: 'person' }> | undefined) {
  const state = person?.state ?? stateOfPhone(person?.phone ?? '')
  const zone = person?.timeZone ?? (state && isState(state) ? zoneOfState(state) : company)
  return { state: state ?? 'SP', zone }
}

/** Of its own making, so that the product's arithmetic is not its own judge. */
function clockOf(at: number, timeZone: string) {
  const text = new Date(at).toLocaleString('sv-SE', { timeZone })
  return { day: text.slice(0, 10), hour: Number(text.slice(11, 13)) }
}

function isOpen({ day, hour }: { day: string; hour: number }, state: string): boolean {
  const places = [{ state }, { state: 'SP', city: 'São Paulo' }]
  return (
    hour >= 8 &&
    hour < 20 &&
    places.every((place) => brazilianCalendar.kindOf(day, place) === 'weekday')
  )
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
