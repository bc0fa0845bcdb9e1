import * as z from 'zod'
import { metaId, waId } from '#shared/contracts/whatsapp-webhook.ts'

/** Meta took the message: its id, and what is known of the recipient. */
const acceptance = z.looseObject({
  contacts: z
    .array(z.looseObject({ wa_id: waId }))
    .optional()
    .catch(undefined),
  messages: z.tuple(
    [z.looseObject({ id: metaId, message_status: z.string().optional().catch(undefined) })],
    z.unknown(),
  ),
})

/** Meta's error object. Only the code decides; its texts may quote personal data and stay behind. */
const refusal = z.looseObject({
  error: z.looseObject({ code: z.int32(), is_transient: z.boolean().optional().catch(undefined) }),
})

export type GraphAnswer =
  | {
      readonly kind: 'accepted'
      readonly messageId: string
      readonly status: string | undefined
      readonly waId: string | undefined
    }
  | { readonly kind: 'refused'; readonly code: number; readonly isTransient: boolean | undefined }
  | { readonly kind: 'unreadable' }

/** Reads the body of an answer by its form alone; the HTTP status only gates acceptance. */
export function readGraphAnswer(httpStatus: number, body: string): GraphAnswer {
  const json = parseJson(body)
  const accepted = acceptance.safeParse(json).data
  if (httpStatus >= 200 && httpStatus < 300 && accepted !== undefined) {
    const [message] = accepted.messages
    return {
      kind: 'accepted',
      messageId: message.id,
      status: message.message_status,
      waId: accepted.contacts?.[0]?.wa_id,
    }
  }
  return readRefusal(json)
}

type NotAccepted = Exclude<GraphAnswer, { readonly kind: 'accepted' }>

/** Reads Meta's error object, which is the same for every call. */
export function readRefusal(json: unknown): NotAccepted {
  const refused = refusal.safeParse(json).data
  return refused === undefined
    ? { kind: 'unreadable' }
    : { kind: 'refused', code: refused.error.code, isTransient: refused.error.is_transient }
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
