import * as z from 'zod'
import { accountNewsSchema, tellAccountNews } from './account-news.ts'
import { behaviourNames, behaviours } from './behaviours.ts'
import { conversations } from './conversations.ts'
import { faultSchema } from './faults.ts'
import { type Answer, type Exchange, jsonBody, problem, type Route } from './http-server.ts'
import { inboundSchema, receiveInbound } from './inbound.ts'
import { toMetaJson } from './meta-json.ts'
import { businessNumberSchema } from './numbers.ts'
import { settingsChangeSchema } from './settings.ts'
import type { Simulation } from './simulation.ts'
import { putTemplates, removeTemplates } from './template-news.ts'
import { webhookBody } from './webhook-body.ts'

type Steer = (simulation: Simulation, exchange: Exchange) => Answer | Promise<Answer>

const steers: readonly [Route['method'], path: string, Steer][] = [
  [
    'POST',
    'inbound',
    (simulation, exchange) => ok(receiveInbound(simulation, jsonBody(exchange, inboundSchema))),
  ],
  [
    'POST',
    'account',
    (simulation, exchange) =>
      ok(tellAccountNews(simulation, jsonBody(exchange, accountNewsSchema))),
  ],
  ['POST', 'webhooks', sendRawWebhook],
  [
    'GET',
    'ledger',
    (simulation, { url }) => ok(simulation.readLedger(url.searchParams.get('since') ?? undefined)),
  ],
  ['DELETE', 'ledger', clearLedger],
  ['GET', 'faults', (simulation) => ok({ faults: simulation.faults.list() })],
  [
    'POST',
    'faults',
    (simulation, exchange) => ok(simulation.faults.arm(jsonBody(exchange, faultSchema))),
  ],
  ['DELETE', 'faults', clearFaults],
  ['GET', 'behaviours', () => ok({ behaviours: behaviourList() })],
  ['GET', 'templates', (simulation) => ok({ templates: simulation.templates.list() })],
  [
    'PUT',
    'templates',
    (simulation, exchange) =>
      ok({ templates: putTemplates(simulation, jsonBody(exchange, z.unknown())) }),
  ],
  ['DELETE', 'templates', removeTemplate],
  ['GET', 'settings', (simulation) => ok(simulation.settings)],
  [
    'PUT',
    'settings',
    (simulation, exchange) => ok(simulation.configure(jsonBody(exchange, settingsChangeSchema))),
  ],
  ['GET', 'numbers', (simulation) => ok({ numbers: publicNumbers(simulation) })],
  ['PUT', 'numbers', putNumber],
  ['GET', 'conversations', (simulation) => ok({ conversations: conversations(simulation) })],
  ['POST', 'verify', async (simulation) => ok(await verifyWebhook(simulation))],
]

/** Everything under `/_sim/`: how tests and people steer the simulator. */
export function steeringRoutes(simulation: Simulation): Route[] {
  return steers.map(([method, path, steer]) => ({
    method,
    path: new RegExp(`^/_sim/${path}$`),
    handle: (exchange) => steer(simulation, exchange),
  }))
}

export interface VerifyReport {
  readonly ok: boolean
  readonly httpStatus: number | undefined
  readonly challengeEchoed: boolean
  readonly failure: string | undefined
}

/** Performs the GET handshake of a webhook subscription. */
export async function verifyWebhook(simulation: Simulation): Promise<VerifyReport> {
  const challenge = String(simulation.random.uniqueBytes(4).readUInt32BE())
  const answer = await simulation.webhooks.verify(simulation.options.verifyToken, challenge)
  if ('failure' in answer) {
    const { failure } = answer
    return { ok: false, httpStatus: undefined, challengeEchoed: false, failure }
  }
  const challengeEchoed = answer.body === challenge
  const { httpStatus } = answer
  return {
    ok: httpStatus === 200 && challengeEchoed,
    httpStatus,
    challengeEchoed,
    failure: undefined,
  }
}

const rawWebhookSchema = z
  .strictObject({
    /** `value` of one change, put into an envelope… */
    value: z.record(z.string(), z.unknown()).optional(),
    field: z.string().default('messages'),
    phoneNumberId: z.string().optional(),
    /** …or a whole body of any JSON, … */
    body: z.unknown().optional(),
    /** …or the very bytes as text. */
    text: z.string().optional(),
    signature: z.enum(['valid', 'invalid', 'missing']).default('valid'),
  })
  .refine(
    ({ value, body, text }) => [value, body, text].filter((it) => it !== undefined).length === 1,
    {
      message: 'exactly one of value, body and text is required',
    },
  )

export type RawWebhook = z.input<typeof rawWebhookSchema>

/** Sends a webhook of the caller's making and answers with the receiver's first answer. */
export async function sendWebhook(simulation: Simulation, request: RawWebhook) {
  const { value, body, text, field, signature, phoneNumberId } = rawWebhookSchema.parse(request)
  const number = simulation.numbers.find(phoneNumberId)
  if (!number) throw new RangeError(`no number with id ${phoneNumberId}`)
  const event = simulation.ledger.openEvent({
    phoneNumberId: number.phoneNumberId,
    kind: 'raw',
    wamid: undefined,
    status: undefined,
    attemptId: undefined,
  })
  const update = { ...number, field, kind: 'raw', value: value ?? {}, event } as const
  const envelope = value ? webhookBody([update], simulation.clock.now()) : body
  const bytes = text === undefined ? toMetaJson(envelope) : Buffer.from(text)
  const result = await simulation.webhooks.deliver(bytes, signature, event)
  return { eventId: event.eventId, ...result }
}

async function sendRawWebhook(simulation: Simulation, exchange: Exchange): Promise<Answer> {
  return ok(await sendWebhook(simulation, jsonBody(exchange, rawWebhookSchema)))
}

function clearLedger({ ledger }: Simulation): Answer {
  ledger.clear()
  return done
}

function clearFaults({ faults }: Simulation): Answer {
  faults.clear()
  return done
}

function removeTemplate(simulation: Simulation, { url }: Exchange): Answer {
  const name = url.searchParams.get('name') ?? ''
  return removeTemplates(simulation, name) ? done : problem(404, `no template is named '${name}'`)
}

function putNumber(simulation: Simulation, exchange: Exchange): Answer {
  const { accessToken: _, ...number } = simulation.numbers.put(
    jsonBody(exchange, businessNumberSchema),
  )
  return ok(number)
}

function publicNumbers(simulation: Simulation): object[] {
  return simulation.numbers.list().map(({ accessToken: _, ...number }) => number)
}

function behaviourList(): object[] {
  return behaviourNames.map((name) => ({ name, ...behaviours[name] }))
}

const ok = (json: unknown): Answer => ({ status: 200, json })
const done: Answer = { status: 200, json: { success: true } }
