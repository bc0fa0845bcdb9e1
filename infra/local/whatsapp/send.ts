import { type AnswerForm, type Plan, planOf } from './behaviours.ts'
import { GraphError } from './graph-error.ts'
import { checkVersion } from './graph-version.ts'
import type { Answer, Exchange } from './http-server.ts'
import type { LedgerCall } from './ledger.ts'
import { isWindowOpen } from './limits.ts'
import type { BusinessNumber } from './numbers.ts'
import type { Person, StoredMessage } from './people.ts'
import { dialledDigits } from './phone-number.ts'
import { checkSend, isFetchable } from './send-check.ts'
import { type ReadReceipt, readSend, type SendContent, type SendRequest } from './send-request.ts'
import { type ShownMessage, shownMessage } from './shown-message.ts'
import { shownTemplate } from './shown-template.ts'
import { html, type Simulation } from './simulation.ts'
import type { Template } from './templates.ts'

interface Attempt {
  readonly number: BusinessNumber
  readonly call: LedgerCall
  readonly fault: Plan | undefined
}

interface Accepting {
  readonly number: BusinessNumber
  readonly person: Person
  readonly request: SendRequest
  readonly template: Template | undefined
  readonly plan: Plan
}

/** `POST /{phone number id}/messages`: sends, reactions, read receipts and typing indicators. */
export async function handleSend(simulation: Simulation, exchange: Exchange): Promise<Answer> {
  const { phoneNumberId = '', version } = exchange.params
  const call = simulation.ledger.openCall(phoneNumberId, version, exchange.body)
  const target = { to: call.to ?? '', phoneNumberId }
  const latencyMs = simulation.faults.latencyFor(target)
  const answer = await answerTo(simulation, exchange, call)
  if (latencyMs > 0) await simulation.timers.wait(latencyMs)
  return answer
}

async function answerTo(simulation: Simulation, exchange: Exchange, call: LedgerCall) {
  try {
    checkVersion(call.version)
    const number = simulation.numbers.authorised(exchange.headers.authorization, call.phoneNumberId)
    const fault = simulation.faults.planFor({ to: call.to ?? '', ...number })
    if (fault && !fault.accepts) return endCall(simulation, call, { plan: fault })
    const request = readSend(exchange.body)
    if ('messageId' in request) return confirmRead(simulation, { number, call, fault }, request)
    return await send(simulation, { number, call, fault }, request)
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    const { code, httpStatus } = error
    simulation.ledger.closeCall(call, { meant: call.meant ?? 'refused', code, httpStatus })
    return { status: httpStatus, json: error.envelope(simulation.random.traceId()) }
  }
}

async function send(simulation: Simulation, attempt: Attempt, request: SendRequest) {
  const { number, call, fault } = attempt
  const person = recipientOf(simulation, number, request)
  const template = checkSend(simulation, number, request)
  const digits =
    request.to === undefined ? '' : dialledDigits(request.to, number.displayPhoneNumber)
  const plan = fault ?? simulation.magic.planFor(digits ?? '') ?? planOf('plain')
  if (!plan.accepts) return endCall(simulation, call, { plan })
  const limited = enforceLimits(simulation, number, { person, request, template })
  const accepting = { number, person, request, template, plan: limited ?? plan }
  const { message, firstReport } = accept(simulation, accepting)
  const json = acceptance(accepting, message)
  simulation.ledger.closeCall(call, { accepted: true, wamid: message.messageId })
  if (plan.early) await Promise.race([firstReport, simulation.timers.wait(2000)])
  if (plan.slow) await simulation.timers.wait(plan.delayMs ?? simulation.settings.delays.slowMs)
  return endCall(simulation, call, { plan: accepting.plan, json })
}

function recipientOf(simulation: Simulation, number: BusinessNumber, request: SendRequest): Person {
  if (request.to === undefined) return simulation.people.byUserId(request.userId ?? '')
  const digits = dialledDigits(request.to, number.displayPhoneNumber)
  if (digits === undefined) throw new GraphError(131009, "Parameter 'to' is not a phone number")
  return simulation.people.byPhone(digits, number.wabaId, simulation.settings.shortAreaCodes)
}

/** Throws what a limit refuses at once; answers a plan when it lets the message fail later. */
function enforceLimits(
  simulation: Simulation,
  { phoneNumberId, throughputPerSecond }: BusinessNumber,
  { person, request, template }: Pick<Accepting, 'person' | 'request' | 'template'>,
): Plan | undefined {
  const { settings, limits, people, clock } = simulation
  const perSecond = settings.limits.throughput ? throughputPerSecond : undefined
  if (perSecond !== undefined && !limits.takesThroughput(phoneNumberId, perSecond)) {
    throw new GraphError(130429)
  }
  if (settings.limits.pair && !limits.takesPair(phoneNumberId, person.userId)) {
    throw new GraphError(131056)
  }
  const { lastInboundAtMs, stoppedMarketing } = people.conversation(phoneNumberId, person)
  if (stoppedMarketing && template?.category === 'MARKETING') throw new GraphError(131050)
  const isFree = settings.limits.window === 'off' || request.message.type === 'template'
  if (isFree || isWindowOpen(lastInboundAtMs, clock.now())) return undefined
  if (settings.limits.window === 'answer') throw new GraphError(131047)
  return planOf('failed', { code: 131047 })
}

function accept(simulation: Simulation, { number, person, request, template, plan }: Accepting) {
  const { type } = request.message
  const message: StoredMessage = {
    messageId: simulation.random.wamid(person.waId ?? person.userId),
    direction: 'outbound',
    phoneNumberId: number.phoneNumberId,
    person,
    type,
    shown: shownSend(request.message, template),
    atMs: simulation.clock.now(),
    attemptId: request.attemptId,
    replyTo: targetOf(request),
    reports: [],
  }
  simulation.people.add(message)
  const byUserId = request.userId !== undefined
  const category = template?.category.toLowerCase() ?? 'service'
  const told = tellable(simulation, request.message, plan)
  const firstReport = simulation.reports.play({ message, number, category, byUserId }, told)
  return { message, firstReport }
}

/** A reaction is only ever reported as sent; media nobody can fetch fail after acceptance. */
function tellable(simulation: Simulation, { type, content }: SendContent, plan: Plan): Plan {
  const story = plan.reports.includes('failed') ? undefined : type
  if (story === 'reaction') {
    const target = simulation.people.message((content as { message_id: string }).message_id)
    if (!target || target.type === 'reaction') {
      return { ...plan, reports: ['failed'], code: 131009 }
    }
    return { ...plan, reports: plan.reports.slice(0, 1) }
  }
  if (story === undefined || isFetchable(content)) return plan
  return { ...plan, reports: ['failed'], code: 131053 }
}

function acceptance({ person, request, plan }: Accepting, { messageId }: StoredMessage): object {
  const held = plan.messageStatus ?? (request.message.type === 'template' ? 'accepted' : undefined)
  const contact =
    request.to === undefined
      ? { input: request.userId, user_id: person.userId }
      : { input: request.to, wa_id: person.waId }
  return {
    messaging_product: 'whatsapp',
    contacts: [contact],
    messages: [{ id: messageId, ...(held === undefined ? {} : { message_status: held }) }],
  }
}

function shownSend({ type, content }: SendContent, template: Template | undefined): ShownMessage {
  if (type !== 'template') return shownMessage({ type, [type]: content })
  return template ? shownTemplate(template, content) : { text: `[${content.name}]` }
}

function targetOf({ message, replyTo }: SendRequest): string | undefined {
  return message.type === 'reaction' ? message.content.message_id : replyTo
}

function confirmRead(simulation: Simulation, attempt: Attempt, { messageId }: ReadReceipt) {
  const { number, call } = attempt
  const message = simulation.people.message(messageId)
  const isOurs = message?.phoneNumberId === number.phoneNumberId
  if (!message || !isOurs || message.direction !== 'inbound') {
    throw new GraphError(131009, "Parameter 'message_id' is not an inbound message of this number")
  }
  simulation.people.markRead(message, simulation.clock.now())
  simulation.ledger.closeCall(call, { accepted: true })
  return endCall(simulation, call, {
    plan: attempt.fault ?? planOf('plain'),
    json: { success: true },
  })
}

/** Plays the end of the call that the plan wants and notes it. Throws GraphError for `error`. */
function endCall(
  { ledger }: Simulation,
  call: LedgerCall,
  { plan, json }: { plan: Plan; json?: object },
): Answer {
  const { meant, code = 131000, httpStatus, transient } = plan
  ledger.closeCall(call, { meant, httpStatus: answeredStatus[plan.answer] })
  switch (plan.answer) {
    case 'normal':
      return { status: 200, json }
    case 'error':
      throw new GraphError(code, undefined, { httpStatus, transient })
    case 'server-error':
      return html(500)
    case 'not-json':
      return html(200)
    case 'truncated':
    case 'reset':
    case 'hang':
      return { cut: plan.answer, json }
  }
}

const answeredStatus: Partial<Record<AnswerForm, number>> = {
  normal: 200,
  'server-error': 500,
  'not-json': 200,
}
