/** What is told about a message after its acceptance, in the order of its timestamps. */
export type ReportStatus = 'sent' | 'delivered' | 'read' | 'played' | 'failed' | 'warning'

/** How the call itself ends. Everything but `normal` and `error` leaves the caller guessing. */
export type AnswerForm =
  | 'normal'
  | 'error'
  | 'reset'
  | 'hang'
  | 'server-error'
  | 'not-json'
  | 'truncated'

/** The whole fate of one send. */
export interface Plan {
  /** Name of the behaviour, as the ledger shows it. */
  readonly meant: string
  readonly accepts: boolean
  readonly answer: AnswerForm
  readonly reports: readonly ReportStatus[]
  /** Error code of the answer, or of the `failed` report. */
  readonly code?: number | undefined
  readonly httpStatus?: number | undefined
  readonly transient?: boolean | undefined
  readonly arrival?: 'doubled' | 'reversed'
  /** The reports begin late. */
  readonly late?: boolean
  readonly messageStatus?: 'held_for_quality_assessment' | 'paused'
  /** The first report is delivered before the call is answered. */
  readonly early?: boolean
  /** The answer comes late. */
  readonly slow?: boolean
  /** How late, when it is not what the settings say. */
  readonly delayMs?: number | undefined
}

const full: readonly ReportStatus[] = ['sent', 'delivered', 'read']
const accepted = { accepts: true, answer: 'normal', reports: full } as const
const refused = { accepts: false, reports: [] } as const

interface BehaviourRow extends Omit<Plan, 'meant'> {
  /** The two last digits of the magic number; undefined: the number carries an error code. */
  readonly number: string | undefined
  readonly says: string
}

/** Every behaviour by its name: one vocabulary for magic numbers and for faults. */
export const behaviours = {
  plain: { ...accepted, number: '01', says: 'accepted, sent, delivered, read' },
  reset: { ...refused, answer: 'reset', number: '10', says: 'connection reset, not accepted' },
  'drop-after-accept': {
    ...accepted,
    answer: 'reset',
    number: '11',
    says: 'accepted, then the connection is reset without an answer',
  },
  'server-error': {
    ...refused,
    answer: 'server-error',
    number: '12',
    says: "HTTP 500 without Meta's error object, not accepted",
  },
  'server-error-after-accept': {
    ...accepted,
    answer: 'server-error',
    number: '13',
    says: "accepted, then HTTP 500 without Meta's error object",
  },
  hang: { ...refused, answer: 'hang', number: '14', says: 'no answer ever, not accepted' },
  'hang-after-accept': {
    ...accepted,
    answer: 'hang',
    number: '15',
    says: 'accepted, then no answer ever',
  },
  'not-json': {
    ...refused,
    answer: 'not-json',
    number: '16',
    says: 'HTTP 200 with an HTML page, not accepted',
  },
  'not-json-after-accept': {
    ...accepted,
    answer: 'not-json',
    number: '17',
    says: 'accepted, then HTTP 200 with an HTML page',
  },
  'truncated-after-accept': {
    ...accepted,
    answer: 'truncated',
    number: '18',
    says: 'accepted, then half of the answer and a reset',
  },
  silence: { ...accepted, reports: [], number: '20', says: 'accepted, no report ever' },
  undelivered: { ...accepted, reports: ['sent'], number: '21', says: 'sent, nothing more' },
  'skip-delivered': {
    ...accepted,
    reports: ['sent', 'read'],
    number: '22',
    says: 'sent, then read without delivered',
  },
  duplicate: { ...accepted, arrival: 'doubled', number: '23', says: 'every report arrives twice' },
  shuffle: {
    ...accepted,
    arrival: 'reversed',
    number: '24',
    says: 'read arrives first, sent last; timestamps stay true',
  },
  late: { ...accepted, late: true, number: '25', says: 'the reports come late' },
  unread: {
    ...accepted,
    reports: ['sent', 'delivered'],
    number: '26',
    says: 'delivered, never read',
  },
  played: { ...accepted, reports: [...full, 'played'], number: '27', says: 'read, then played' },
  'unknown-status': {
    ...accepted,
    reports: ['sent', 'warning', 'delivered'],
    number: '28',
    says: 'a status nobody documents between sent and delivered',
  },
  early: {
    ...accepted,
    early: true,
    number: '29',
    says: 'the sent report arrives before the answer to the call',
  },
  held: {
    ...accepted,
    messageStatus: 'held_for_quality_assessment',
    late: true,
    number: '30',
    says: 'held_for_quality_assessment, released later',
  },
  'held-then-dropped': {
    ...accepted,
    messageStatus: 'held_for_quality_assessment',
    late: true,
    reports: ['failed'],
    code: 132015,
    number: '31',
    says: 'held_for_quality_assessment, then failed with 132015',
  },
  paused: {
    ...accepted,
    messageStatus: 'paused',
    late: true,
    reports: ['failed'],
    code: 132015,
    number: '32',
    says: 'message_status paused, then failed with 132015',
  },
  slow: { ...accepted, slow: true, number: '40', says: 'accepted, the answer comes late' },
  error: { ...refused, answer: 'error', number: undefined, says: 'refused with an error code' },
  outage: {
    ...refused,
    answer: 'error',
    code: 2,
    number: undefined,
    says: 'refused with code 2, HTTP 503',
  },
  failed: { ...accepted, reports: ['failed'], number: undefined, says: 'accepted, then failed' },
  'failed-after-sent': {
    ...accepted,
    reports: ['sent', 'failed'],
    number: undefined,
    says: 'accepted, sent, then failed',
  },
  'failed-after-delivered': {
    ...accepted,
    reports: ['sent', 'delivered', 'failed'],
    number: undefined,
    says: 'accepted, sent, delivered, then failed',
  },
} as const satisfies Record<string, BehaviourRow>

export type BehaviourName = keyof typeof behaviours
export const behaviourNames = Object.keys(behaviours) as BehaviourName[]

/** What a fault may change of a behaviour. */
export interface PlanChanges {
  readonly code?: number | undefined
  readonly httpStatus?: number | undefined
  readonly transient?: boolean | undefined
  readonly delayMs?: number | undefined
}

export function planOf(name: BehaviourName, changes: PlanChanges = {}): Plan {
  const { number: _number, says: _says, ...row }: BehaviourRow = behaviours[name]
  return {
    ...row,
    meant: name,
    code: changes.code ?? row.code ?? 131000,
    httpStatus: changes.httpStatus,
    transient: changes.transient,
    delayMs: changes.delayMs,
  }
}
