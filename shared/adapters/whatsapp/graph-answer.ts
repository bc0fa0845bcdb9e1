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

const success = z.looseObject({ success: z.literal(true) })

/** Meta's error object. Only the code decides; its texts may quote personal data and stay behind. */
const refusal = z.looseObject({
  error: z.looseObject({ code: z.int32(), is_transient: z.boolean().optional().catch(undefined) }),
})

export interface Acceptance {
  readonly messageId: string
  readonly status: string | undefined
  readonly waId: string | undefined
}

export interface GraphRefusal {
  readonly code: number
  readonly isTransient: boolean | undefined
}

/** What Meta answers to a message that it took. */
export function readAcceptance(json: unknown): Acceptance | undefined {
  const accepted = acceptance.safeParse(json).data
  if (accepted === undefined) return undefined
  const [message] = accepted.messages
  return {
    messageId: message.id,
    status: message.message_status,
    waId: accepted.contacts?.[0]?.wa_id,
  }
}

/** What Meta answers to everything else that it took: `{"success": true}`. */
export function readSuccess(json: unknown): true | undefined {
  return success.safeParse(json).data?.success
}

export function readRefusal(json: unknown): GraphRefusal | undefined {
  const error = refusal.safeParse(json).data?.error
  return error && { code: error.code, isTransient: error.is_transient }
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
