import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { type HttpAnswer, type HttpRequest, json, readJson } from '../http-server.ts'
import { addressesOf, domainOf } from './addresses.ts'
import { type Faults, mailFaultShape } from './faults.ts'
import { type InboundMail, type InboundSink, receiveMail, verdictsShape } from './inbound.ts'
import { attachmentOf, type DeliveredMail, type Mailbox, viewOf } from './mailbox.ts'
import { composeMime, headerOf, splitMime } from './mime.ts'

export interface SteeringParts {
  readonly mailbox: Mailbox
  readonly faults: Faults
  /** Undefined: inbound mail is not configured. */
  readonly inbound: InboundSink | undefined
}

type Route = (parts: SteeringParts, request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>

const routes: Readonly<Record<string, Route>> = {
  'GET messages': listMessages,
  'DELETE messages': ({ mailbox }) => {
    mailbox.clear()
    return { status: 204 }
  },
  'POST inbound': takeInbound,
  'GET faults': ({ faults }) => json(200, faults.list()),
  'POST faults': addFault,
  'DELETE faults': ({ faults }) => {
    faults.clear()
    return { status: 204 }
  },
}

/** Answers what is asked under `/_mail/`. */
export async function steer(parts: SteeringParts, request: HttpRequest): Promise<HttpAnswer> {
  const [, , room = '', id, part, index] = request.path.split('/')
  if (id === undefined) {
    return routes[`${request.method} ${room}`]?.(parts, request) ?? notFound
  }
  const mail = room === 'messages' ? parts.mailbox.find(id) : undefined
  if (mail === undefined) return notFound
  if (request.method === 'POST' && part === 'reply') return reply(parts, mail, request)
  if (request.method !== 'GET') return notFound
  if (part === undefined) return json(200, await viewOf(mail))
  if (part === 'raw') {
    return { status: 200, headers: { 'content-type': 'message/rfc822' }, body: mail.raw }
  }
  return part === 'attachments' ? attachment(mail, Number(index)) : notFound
}

const notFound = json(404, { message: 'not found' })

const listQuery = z.object({
  to: z.string().optional(),
  limit: z.coerce.number().int().positive().optional(),
})

async function listMessages({ mailbox }: SteeringParts, request: HttpRequest): Promise<HttpAnswer> {
  const filter = listQuery.safeParse(Object.fromEntries(request.query))
  if (!filter.success) return json(400, { message: 'expected ?to=address&limit=number' })
  return json(200, await Promise.all(mailbox.list(filter.data).map(viewOf)))
}

function addFault({ faults }: SteeringParts, request: HttpRequest): HttpAnswer {
  const fault = mailFaultShape.safeParse(readJson(request))
  if (!fault.success) return json(400, { message: z.prettifyError(fault.error) })
  faults.add(fault.data)
  return { status: 204 }
}

async function takeInbound(parts: SteeringParts, request: HttpRequest): Promise<HttpAnswer> {
  const verdicts = verdictsShape.safeParse(Object.fromEntries(request.query))
  if (!verdicts.success) return json(400, { message: z.prettifyError(verdicts.error) })
  const recipients = request.query.getAll('recipient')
  return handIn(parts, receiveMail(request.body, { recipients, verdicts: verdicts.data }))
}

async function handIn(parts: SteeringParts, mail: InboundMail): Promise<HttpAnswer> {
  if (parts.inbound === undefined) return json(409, { message: 'inbound mail is not configured' })
  if (mail.recipients.length === 0) return json(400, { message: 'the mail names no recipient' })
  await parts.inbound.take(mail)
  return json(202, { sesMessageId: mail.sesMessageId, recipients: mail.recipients })
}

const replyBody = z.strictObject({
  text: z.string().min(1),
  /** Who answers; default: the mail's first recipient. */
  from: z
    .string()
    .regex(/^[^\r\n]+$/)
    .optional(),
})

/** Answers a mail as its recipient's mail program would. */
async function reply(
  parts: SteeringParts,
  mail: DeliveredMail,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const body = replyBody.safeParse(readJson(request))
  if (!body.success) return json(400, { message: z.prettifyError(body.error) })
  const raw = composeReply(mail, body.data)
  const verdicts = verdictsShape.parse({})
  return handIn(parts, receiveMail(raw, { recipients: [], verdicts }))
}

function composeReply(mail: DeliveredMail, answer: z.infer<typeof replyBody>): Buffer {
  const { fields } = splitMime(mail.raw)
  const header = (name: string) => headerOf(fields, name) ?? ''
  const messageId = header('Message-ID')
  const from = answer.from ?? mail.submission.destinations[0] ?? ''
  const subject = header('Subject')
  return composeMime({
    fields: [
      { name: 'From', value: from },
      { name: 'To', value: header('Reply-To') || header('From') },
      { name: 'Subject', value: /^re:/i.test(subject) ? subject : `Re: ${subject}` },
      { name: 'Date', value: new Date().toUTCString().replace('GMT', '+0000') },
      { name: 'Message-ID', value: `<${randomUUID()}@${domainOf(addressesOf(from)[0] ?? '')}>` },
      { name: 'In-Reply-To', value: messageId },
      { name: 'References', value: `${header('References')} ${messageId}`.trim() },
    ],
    text: answer.text,
  })
}

async function attachment(mail: DeliveredMail, index: number): Promise<HttpAnswer> {
  const found = await attachmentOf(mail, index)
  if (found === undefined) return notFound
  const filename = encodeURIComponent(found.filename ?? 'anexo')
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${filename}`,
      'x-content-type-options': 'nosniff',
    },
    body: found.content,
  }
}
