import * as z from 'zod'
import { httpCall } from './http-call.ts'

const call = z.looseObject({
  to: z.string().optional(),
  phoneNumberId: z.string(),
  attemptId: z.string().optional(),
  accepted: z.boolean(),
  httpStatus: z.number().optional(),
  wamid: z.string().optional(),
})
const event = z.looseObject({
  wamid: z.string().optional(),
  status: z.string().optional(),
  attemptId: z.string().optional(),
  answers: z.array(z.looseObject({ httpStatus: z.number().optional() })),
  acknowledged: z.boolean(),
})
const ledger = z.looseObject({
  cursor: z.number(),
  calls: z.array(call),
  events: z.array(event),
})
const conversations = z.looseObject({
  conversations: z.array(
    z.looseObject({
      messages: z.array(z.looseObject({ messageId: z.string(), text: z.string() })),
    }),
  ),
})
const settings = z.looseObject({
  delays: z.looseObject({ sentMs: z.number(), deliveredMs: z.number(), readMs: z.number() }),
})
const received = z.looseObject({ messageId: z.string() })

export type Delays = z.output<typeof settings>['delays']
export type Call = z.output<typeof call>

/** The simulated phones: what reached them, what they reported, what their owners write. */
export function makePhones(url: string) {
  const steer = <S extends z.ZodType>(limit: AbortSignal, path: string, shape: S) =>
    httpCall({ url: `${url}/_sim/${path}`, statuses: [200], shape, limit })

  return {
    ledger: async (limit: AbortSignal, since: number) =>
      (await steer(limit, `ledger?since=${since}`, ledger)).json,
    /** What the person reads of this message. */
    shownText: async (limit: AbortSignal, wamid: string) =>
      (await steer(limit, 'conversations', conversations)).json.conversations
        .flatMap(({ messages }) => messages)
        .find(({ messageId }) => messageId === wamid)?.text,
    delays: async (limit: AbortSignal) => (await steer(limit, 'settings', settings)).json.delays,
    setDelays: (limit: AbortSignal, delays: Delays) =>
      httpCall({
        url: `${url}/_sim/settings`,
        method: 'PUT',
        body: { delays },
        statuses: [200],
        shape: settings,
        limit,
      }),
    write: async (
      limit: AbortSignal,
      message: { from: string; name: string; text: string; phoneNumberId: string },
    ) => {
      const { from, name, text, phoneNumberId } = message
      const answer = await httpCall({
        url: `${url}/_sim/inbound`,
        method: 'POST',
        body: { from, name, content: { type: 'text', text }, phoneNumberId },
        statuses: [200],
        shape: received,
        limit,
      })
      return answer.json.messageId
    },
  }
}

export type Phones = ReturnType<typeof makePhones>
