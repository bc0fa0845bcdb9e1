import * as z from 'zod'
import { contentSchemas, type MessageType } from './content-schemas.ts'
import { GraphError } from './graph-error.ts'
import { userIdPattern } from './phone-number.ts'

const envelopeSchema = z.looseObject({
  messaging_product: z.literal('whatsapp'),
  recipient_type: z.enum(['individual', 'group']).default('individual'),
  to: z.string().min(1).max(256).optional(),
  recipient: z.string().regex(userIdPattern).optional(),
  type: z.string().default('text'),
  context: z.looseObject({ message_id: z.string().min(1) }).optional(),
  biz_opaque_callback_data: z.string().max(512).optional(),
  message_send_ttl_seconds: z.number().int().optional(),
})

const receiptSchema = z.looseObject({
  messaging_product: z.literal('whatsapp'),
  status: z.literal('read'),
  message_id: z.string().min(1),
  typing_indicator: z.looseObject({ type: z.literal('text') }).optional(),
})

type ContentOf<Type extends MessageType> = z.output<(typeof contentSchemas)[Type]>

/** Type and checked content, e.g. `{type: 'text', content: {body}}`. */
export type SendContent = {
  [Type in MessageType]: { readonly type: Type; readonly content: ContentOf<Type> }
}[MessageType]

export interface SendRequest {
  readonly to: string | undefined
  readonly userId: string | undefined
  readonly replyTo: string | undefined
  readonly attemptId: string | undefined
  readonly ttlSeconds: number | undefined
  readonly message: SendContent
}

export interface ReadReceipt {
  readonly messageId: string
}

/**
 * Reads the body of a call to `/messages`.
 * Throws GraphError: 100 for the envelope, 131008 for what is missing, 131009 for a content that
 * breaks a limit, 131051 for a type that cannot be sent.
 */
export function readSend(rawBody: Buffer): SendRequest | ReadReceipt {
  const body = readJsonObject(rawBody)
  if (Object.hasOwn(body, 'status')) {
    const { message_id } = check(receiptSchema, body, { path: '', code: 100 })
    return { messageId: message_id }
  }
  const envelope = check(envelopeSchema, body, { path: '', code: 100 })
  if (envelope.to === undefined && envelope.recipient === undefined) {
    throw new GraphError(131008, "Parameter 'to' or 'recipient' is required")
  }
  return {
    to: envelope.to,
    userId: envelope.to === undefined ? envelope.recipient : undefined,
    replyTo: envelope.context?.message_id,
    attemptId: envelope.biz_opaque_callback_data,
    ttlSeconds: envelope.message_send_ttl_seconds,
    message: readContent(envelope.type, body),
  }
}

function readContent(type: string, body: Record<string, unknown>): SendContent {
  if (!Object.hasOwn(contentSchemas, type)) {
    throw new GraphError(131051, `Message type '${type}' is not supported`)
  }
  const known = type as MessageType
  if (body[known] === undefined) throw new GraphError(131008, `Parameter '${type}' is required`)
  const content = check(contentSchemas[known] as z.ZodType, body[known], {
    path: known,
    code: 131009,
  })
  return { type: known, content } as SendContent
}

function readJsonObject(rawBody: Buffer): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(rawBody.toString('utf8'))
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
      return body as Record<string, unknown>
    }
  } catch {
    // Falls through to the same answer: not an object.
  }
  throw new GraphError(100, 'The request body is not a JSON object')
}

interface Place {
  readonly path: string
  /** Error code of a value that is there but wrong. */
  readonly code: number
}

function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: Place,
): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = [place.path, ...(issue?.path ?? []).map(String)].filter(Boolean).join('.')
  if (issue && valueAt(value, issue.path) === undefined) {
    throw new GraphError(131008, `Parameter '${path}' is required`)
  }
  throw new GraphError(place.code, `Parameter '${path}': ${issue?.message ?? 'not valid'}`)
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  )
}
