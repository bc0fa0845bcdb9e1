import { localTime } from '#shared/domain/dunning/zoned-time.ts'

/** The company's own templates and rules, and who owes what. */

/** The day as the company's clocks show it. */
export const today = () => localTime(Date.now(), 'America/Sao_Paulo').day

export const carla = {
  externalId: '8814',
  name: 'Carla Souza',
  phone: '+5511981110014',
  mail: 'carla.souza@cliente.com.br',
}
/** Rio Branco, in Acre: two hours behind São Paulo. */
export const davi = { externalId: '8815', name: 'Davi Melo', phone: '+5568981110015' }

/** Meta's approved copy that the WhatsApp template is bound to. */
export const approved = 'parcela_a_vencer'

export const templates = [
  {
    name: 'vence-hoje',
    channel: 'WHATSAPP',
    source: {
      channel: 'WHATSAPP',
      providerTemplate: { name: approved, language: 'pt_BR' },
      body: { nome: '{{firstName}}', valor: '{{installmentAmount}}', vencimento: '{{dueDate}}' },
    },
  },
  {
    name: 'nova-cobranca',
    channel: 'EMAIL',
    source: {
      channel: 'EMAIL',
      subject: '{{movementDescription}}: {{movementAmount}}',
      blocks: [
        { type: 'heading', text: 'Olá, {{firstName}}!' },
        { type: 'paragraph', text: 'Estas são as parcelas em aberto na {{companyName}}:' },
        { type: 'installments', variable: 'installments' },
        { type: 'button', label: 'Ver e pagar', url: '{{paymentLink}}' },
      ],
    },
  },
] as const

const step = { days: 0, ttlDays: 0, onClosedDay: 'later', onUnreachable: 'hold' } as const
const always = { from: '00:00', to: '24:00' }
/** When the company's day ends it is 22:00 in Acre: whatever the hour, this one is still to come. */
const lateHours = { from: '22:00', to: '24:00' }

/** A mail about what is new and a message on the due day, at any hour of any day, but in Acre late. */
export const policy = {
  enabled: true,
  steps: [
    { ...step, name: 'new', anchor: 'created', template: 'nova-cobranca', channels: ['EMAIL'] },
    { ...step, name: 'due-today', anchor: 'due', template: 'vence-hoje', channels: ['WHATSAPP'] },
  ],
  toleranceDays: 1,
  businessDaysOnly: false,
  sendWindow: { weekday: always, saturday: always, sunday: always },
  stateWindows: { AC: { weekday: lateHours, saturday: lateHours, sunday: lateHours } },
  maxPerPersonPerDay: 10,
}

/** An event of a movement or installment, as a finance system tells it. */
export interface BusinessEvent {
  readonly eventId: string
  readonly [key: string]: unknown
}

/** A movement of Carla's in two installments and one of Davi's, each with one that is due today. */
export interface Debts {
  readonly movementId: string
  /** Of Carla, due today. */
  readonly installmentId: string
  /** Of Davi, due today. */
  readonly waitingId: string
  readonly events: readonly BusinessEvent[]
  /** Davi has paid. */
  readonly paid: BusinessEvent
}

/** Of a day. `mark` makes their ids new. */
export function debtsOf(day: string, mark: string): Debts {
  const [school, books] = [`mov-${mark}-1`, `mov-${mark}-2`]
  const [first, second] = [0, 1].map((index) =>
    installment(school, { number: index + 1, total: 2, dueOn: addDays(day, 30 * index) }),
  ) as [Installment, Installment]
  const other = installment(books, { number: 1, total: 1, dueOn: day })
  const { phone: address } = davi
  return {
    movementId: school,
    installmentId: first.installmentId,
    waitingId: other.installmentId,
    events: [
      event('movement.created', 1, {
        movement: movement(school, {
          description: 'Mensalidade',
          amountCents: 82_500,
          person: {
            ...{ externalId: carla.externalId, name: carla.name },
            contacts: [
              { channel: 'WHATSAPP', address: carla.phone },
              { channel: 'EMAIL', address: carla.mail },
            ],
          },
        }),
      }),
      event('movement.created', 1, {
        movement: movement(books, {
          description: 'Material didático',
          amountCents: 41_250,
          person: {
            ...{ externalId: davi.externalId, name: davi.name },
            contacts: [{ channel: 'WHATSAPP', address }],
          },
        }),
      }),
      ...[first, second, other].map((told) =>
        event('installment.created', 1, { installment: told }),
      ),
    ],
    paid: event('installment.paid', 2, {
      installment: { ...other, paidAt: new Date().toISOString() },
    }),
  }
}

function movement(movementId: string, more: object) {
  return { movementId, currency: 'BRL', ...more }
}

interface Installment {
  readonly installmentId: string
  readonly [key: string]: unknown
}

function installment(
  movementId: string,
  more: { readonly number: number; readonly total: number; readonly dueOn: string },
): Installment {
  const installmentId = `${movementId.replace('mov', 'par')}-${more.number}`
  const paymentLink = `https://pagar.exemplo.com.br/${installmentId}`
  return { installmentId, movementId, amountCents: 41_250, paymentLink, ...more }
}

function event(type: string, version: number, told: object): BusinessEvent {
  const occurredAt = new Date().toISOString()
  return { eventId: crypto.randomUUID(), type, version, occurredAt, schemaVersion: 1, ...told }
}

function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)
}
