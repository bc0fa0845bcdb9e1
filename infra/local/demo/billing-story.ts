import { randomUUID } from 'node:crypto'
import type { BillingApi, DebtMessage, DryStep } from './billing-api.ts'
import {
  approved,
  type BusinessEvent,
  carla,
  type Debts,
  davi,
  debtsOf,
  policy,
  templates,
  today,
} from './billing-cast.ts'
import type { Mailbox } from './mailbox.ts'
import { atThePhone, type Stage } from './story.ts'
import { coldLimitSeconds, until } from './timeline.ts'

/** What only a stack of its own gives to the story. */
export interface OwnStack {
  readonly mailbox: Mailbox
  /** What a schedule does each quarter of an hour, at once. */
  readonly planDunning: () => Promise<void>
}

export interface BillingStage extends Stage {
  readonly billing: BillingApi
  /** Undefined: the stack belongs to somebody else. */
  readonly own: OwnStack | undefined
}

/** From templates and rules to messages about what is to be paid. Answers the person who owes it. */
export async function playBilling(stage: BillingStage): Promise<string> {
  const { timeline, own } = stage
  timeline.chapter('Templates and rules of the company')
  await putTemplates(stage)
  if (own) await turnOn(stage)
  else timeline.note('The policy of this stack stays as it is: the dry run takes a draft.')

  timeline.chapter('What is to be paid')
  const debts = debtsOf(today(), randomUUID().slice(0, 8))
  const personId = await tell(stage, debts)
  await dryRun(stage, debts)
  if (own) await remind({ ...stage, own }, debts)
  else timeline.note('A schedule sends within 15 minutes, which only a stack of its own hurries.')
  await pay(stage, debts)
  if (own) await cancelled(stage, debts)
  return personId
}

async function putTemplates({ timeline, billing }: BillingStage): Promise<void> {
  await timeline.play({
    title: "Meta's approved copy is known",
    work: async (limit) => {
      const [copy] = await until(limit, () => billing.approvedCopies(limit, approved), {
        isEnough: ([first]) => first !== undefined,
        say: () => `${approved} is not listed`,
      })
      return { value: undefined, result: `${copy?.name} (${copy?.language}), ${copy?.status}` }
    },
  })
  for (const template of templates) {
    await timeline.play({
      title: `PUT a template for ${template.channel}`,
      work: async (limit) => {
        const { status, json } = await billing.putTemplate(limit, template)
        return { value: undefined, result: `${status}, ${template.name}, version ${json.version}` }
      },
    })
  }
}

function turnOn({ timeline, billing }: BillingStage): Promise<void> {
  return timeline.play({
    title: 'Turn the dunning policy on',
    work: async (limit) => {
      const { json } = await billing.putPolicy(limit, policy)
      const details = policy.steps.map(
        ({ name, template, channels }) =>
          `${name.padEnd(9)}  ${template} by ${channels.join(', ')}`,
      )
      return { value: undefined, result: `version ${json.version}, If-Match held`, details }
    },
  })
}

/** Answers the person's id. */
async function tell(stage: BillingStage, { events, movementId }: Debts): Promise<string> {
  const { timeline, billing } = stage
  await post(stage, 'POST movements and installments', events)
  return timeline.play({
    title: 'The movement is known',
    work: async (limit) => {
      const { personId, description } = await billing.movement(limit, movementId)
      return { value: personId, result: `${description} of person ${personId}, ${carla.name}` }
    },
  })
}

/** Tells events and waits until each is applied. */
async function post(
  { timeline, billing }: BillingStage,
  title: string,
  events: readonly BusinessEvent[],
): Promise<void> {
  await timeline.play({
    title,
    work: async (limit) => {
      const { json } = await billing.tell(limit, events)
      const details = events.map(({ type, ...told }) => `${type}  ${whatIsTold(told)}`)
      return { value: undefined, result: `202, ${json.accepted} accepted`, details }
    },
  })
  await timeline.play({
    title: events.length > 1 ? 'They are applied' : 'It is applied',
    limitSeconds: coldLimitSeconds,
    work: async (limit) => {
      const look = () => Promise.all(events.map(({ eventId }) => billing.event(limit, eventId)))
      const seen = await until(limit, look, {
        isEnough: (all) => all.every(({ outcome }) => outcome !== undefined),
        say: (all) => `${all.filter(({ outcome }) => outcome).length} of them are`,
      })
      const wrong = seen.find(({ outcome, notice }) => outcome !== 'applied' || notice)
      if (wrong) throw new Error(`one became ${wrong.outcome}, ${wrong.notice ?? 'no notice'}`)
      return { value: undefined, result: seen.map(({ outcome }) => outcome).join(', ') }
    },
  })
}

function whatIsTold({ movement, installment }: Readonly<Record<string, unknown>>): string {
  const { movementId, installmentId, description, dueOn } = (installment ?? movement) as Readonly<
    Record<string, string>
  >
  return installmentId ? `${installmentId}, due on ${dueOn}` : `${movementId}, ${description}`
}

function dryRun({ timeline, billing }: BillingStage, debts: Debts): Promise<void> {
  return timeline.play({
    title: 'A dry run of today',
    work: async (limit) => {
      const ids = [debts.installmentId, debts.waitingId]
      const steps = (await billing.dryRun(limit, { day: today(), policy })).filter(
        ({ installmentId }) => ids.includes(installmentId),
      )
      const going = steps.filter(({ outcome }) => outcome === 'go')
      if (going.length !== 3) throw new Error(`it says ${steps.map(dryLine).join('; ')}`)
      const result = `${going.length} would go, ${steps.length - going.length} would not`
      return { value: undefined, result, details: steps.map(dryLine) }
    },
  })
}

function dryLine({ installmentId, step, outcome, channel, reason, sendAt }: DryStep): string {
  const how = outcome === 'go' ? `by ${channel}, not before ${sendAt?.slice(0, 16)}Z` : reason
  return `${installmentId}  ${step.padEnd(9)}  ${outcome.padEnd(4)}  ${how}`
}

/** The schedule's run, and where its messages are seen. */
async function remind(stage: BillingStage & { own: OwnStack }, debts: Debts): Promise<void> {
  const { timeline, phones, own } = stage
  const cursor = await timeline.play({
    title: "The schedule's turn, at once",
    work: async (limit) => {
      const { cursor: value } = await phones.ledger(limit, 0)
      await own.planDunning()
      return { value, result: 'plan-dunning ran' }
    },
  })
  await atThePhone(stage, cursor)
  await timeline.play({
    title: 'The mail is in the mailbox',
    limitSeconds: coldLimitSeconds,
    work: async (limit) => {
      const [mail] = await until(limit, () => own.mailbox.mails(limit, carla.mail), {
        isEnough: ({ length }) => length > 0,
        say: () => `nothing came for ${carla.mail}`,
      })
      const details = (mail?.text ?? '').split('\n').filter((line) => line.trim() !== '')
      return { value: undefined, result: `“${mail?.subject}”`, details }
    },
  })
  await why(stage, debts)
  await waiting(stage, debts)
}

function why({ timeline, billing }: BillingStage, { installmentId }: Debts): Promise<void> {
  return timeline.play({
    title: 'GET why they went',
    work: async (limit) => {
      const messages = await billing.messagesAbout(limit, installmentId)
      if (messages.length !== 2) throw new Error(`there are ${messages.length} instead of 2`)
      const result = `2 messages about ${installmentId}`
      return { value: undefined, result, details: messages.flatMap(traceLines) }
    },
  })
}

function traceLines({ messageId, channel, status, decision }: DebtMessage): readonly string[] {
  const seen = decision.checks.map(({ check, found }) => `${check} ${found}`)
  return [
    `${messageId.padStart(5)}  ${channel.padEnd(8)}  ${status.padEnd(9)}  step ${decision.step}`,
    `       ${seen.join('; ')}`,
  ]
}

/** The hours of Acre are still to come. */
function waiting({ timeline, billing }: BillingStage, { waitingId }: Debts): Promise<void> {
  return timeline.play({
    title: `${davi.name} lives in Acre: it waits`,
    work: async (limit) => {
      const [message] = await billing.messagesAbout(limit, waitingId)
      if (message?.status !== 'QUEUED') throw new Error(`it shows ${message?.status ?? 'nothing'}`)
      const window = message.decision.checks.find(({ check }) => check === 'window')?.found
      return { value: undefined, result: `message ${message.messageId}, QUEUED until ${window}` }
    },
  })
}

async function pay(stage: BillingStage, { paid, waitingId }: Debts): Promise<void> {
  const { timeline, billing } = stage
  await post(stage, `${davi.name} has paid`, [paid])
  await timeline.play({
    title: 'The installment says so',
    work: async (limit) => {
      const { status, paidAt } = await billing.installment(limit, waitingId)
      if (status !== 'PAID') throw new Error(`${waitingId} shows ${status}`)
      return { value: undefined, result: `${waitingId}, ${status} at ${paidAt}` }
    },
  })
}

function cancelled({ timeline, billing }: BillingStage, { waitingId }: Debts): Promise<void> {
  return timeline.play({
    title: 'What waited will not go',
    work: async (limit) => {
      const [message] = await billing.messagesAbout(limit, waitingId)
      if (message?.status !== 'CANCELLED') throw new Error(`it shows ${message?.status}`)
      const { messageId, status, reason } = message
      return { value: undefined, result: `message ${messageId}, ${status} (${reason})` }
    },
  })
}
