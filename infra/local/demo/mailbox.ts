import * as z from 'zod'
import { httpCall } from './http-call.ts'

const mail = z.looseObject({ subject: z.string(), text: z.string() })

/** The mailbox of the stack: what was sent to an address. */
export function makeMailbox(url: string) {
  return {
    mails: async (limit: AbortSignal, to: string) => {
      const address = `${url}/_mail/messages?to=${encodeURIComponent(to)}`
      return (await httpCall({ url: address, statuses: [200], shape: z.array(mail), limit })).json
    },
  }
}

export type Mailbox = ReturnType<typeof makeMailbox>
