import type { Channel } from '../channel.ts'

/** When a tenant writes about what is to be paid: rules as data, a version for each change. */
export interface DunningPolicy {
  /** Nothing is planned while it is false. */
  readonly enabled: boolean
  /** BCP 47, of the templates. */
  readonly language: string
  readonly steps: readonly DunningStep[]
  /** So long after the due date a payment may still be on its way: late steps count from its end. */
  readonly toleranceDays: number
  /** Saturdays are closed too, whatever the windows say. */
  readonly businessDaysOnly: boolean
  readonly sendWindow: SendWindow
  /** By state (`SP`): takes the place of `sendWindow` for whoever lives there. */
  readonly stateWindows: Readonly<Record<string, SendWindow>>
  /** Days of the company's own on which nothing goes: `YYYY-MM-DD`, or `MM-DD` of each year. */
  readonly closedDays: readonly string[]
  readonly maxPerPersonPerDay: number
}

export interface DunningStep {
  readonly name: string
  /** `created`: the day on which the movement was made known; told once, for its first installment. */
  readonly anchor: 'created' | 'due'
  /** From the anchor; negative is before it. */
  readonly days: number
  /** Of ours; each channel has one of this name. */
  readonly template: string
  /** In the order in which they are tried. */
  readonly channels: readonly Channel[]
  /** For so many days after its own the step may still go; 0: on its day or never. */
  readonly ttlDays: number
  /** Where its day goes when it is closed; `skip`: the step is left out then. */
  readonly onClosedDay: 'earlier' | 'later' | 'skip'
  /** When nobody can say at the send whether it was paid. */
  readonly onUnreachable: 'hold' | 'send'
}

/** Hours in which people are written to, on their own clocks; null: never. */
interface SendWindow {
  readonly weekday: TimeSpan | null
  readonly saturday: TimeSpan | null
  /** Of holidays too. */
  readonly sunday: TimeSpan | null
}

/** `HH:MM`; `to` is later than `from`, up to `24:00`. */
export interface TimeSpan {
  readonly from: string
  readonly to: string
}

/** Why a channel would not take a step's message today, though it may once somebody has acted. */
export const passingRefusals: readonly string[] = [
  ...['unique-users-limit', 'charged-limit', 'mail-paused', 'sender-missing', 'template-missing'],
  ...['template-paused', 'template-not-approved', 'template-disabled', 'template-recategorised'],
]

const both: readonly Channel[] = ['WHATSAPP', 'EMAIL']

/** What a tenant has until it says otherwise. */
export const defaultPolicy: DunningPolicy = {
  enabled: false,
  language: 'pt-BR',
  steps: [
    {
      ...{ name: 'new-invoice', anchor: 'created', days: 0, template: 'new-invoice' },
      ...{ channels: both, ttlDays: 3, onClosedDay: 'later', onUnreachable: 'send' },
    },
    {
      ...{ name: 'reminder', anchor: 'due', days: -3, template: 'reminder' },
      ...{ channels: both, ttlDays: 2, onClosedDay: 'earlier', onUnreachable: 'hold' },
    },
    {
      ...{ name: 'due-today', anchor: 'due', days: 0, template: 'due-today' },
      ...{ channels: both, ttlDays: 0, onClosedDay: 'skip', onUnreachable: 'hold' },
    },
    {
      ...{ name: 'first-notice', anchor: 'due', days: 1, template: 'first-notice' },
      ...{ channels: both, ttlDays: 3, onClosedDay: 'later', onUnreachable: 'hold' },
    },
    {
      ...{ name: 'second-notice', anchor: 'due', days: 7, template: 'second-notice' },
      ...{ channels: both, ttlDays: 3, onClosedDay: 'later', onUnreachable: 'hold' },
    },
    {
      ...{ name: 'final-notice', anchor: 'due', days: 15, template: 'final-notice' },
      ...{ channels: both, ttlDays: 5, onClosedDay: 'later', onUnreachable: 'hold' },
    },
  ],
  toleranceDays: 1,
  businessDaysOnly: true,
  sendWindow: {
    weekday: { from: '08:00', to: '20:00' },
    saturday: { from: '08:00', to: '14:00' },
    sunday: null,
  },
  stateWindows: {},
  closedDays: [],
  maxPerPersonPerDay: 1,
}
