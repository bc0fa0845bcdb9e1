import type * as z from 'zod'
import { makeChatStore } from '#shared/adapters/database/chat-store.ts'
import { makeMessageDesk } from '#shared/adapters/database/message-desk.ts'
import { makeMessageStore } from '#shared/adapters/database/message-store.ts'
import { alerts } from '#shared/runtime/alerts.ts'
import { makeCancelMessage } from '#shared/use-cases/cancel-message.ts'
import { makeCheckMessage } from '#shared/use-cases/check-message.ts'
import { makeDeleteMessage } from '#shared/use-cases/delete-message.ts'
import { makePostMessage } from '#shared/use-cases/post-message.ts'
import { makePostMessages } from '#shared/use-cases/post-messages.ts'
import { makeReadChats } from '#shared/use-cases/read-chats.ts'
import { makeReadMessage } from '#shared/use-cases/read-message.ts'
import { makeResendMessage } from '#shared/use-cases/resend-message.ts'
import { signalAfter } from '#shared/use-cases/signal-after.ts'
import type { messagesEnv } from './env.ts'
import { findClientIn, wireStores, wireTaskQueue } from './wire.ts'
import { tenantOf, wireEventSignal } from './wire-signal.ts'

/** What programs do with messages. */
export function wireMessages(env: z.output<typeof messagesEnv>) {
  const parts = wireStores(env)
  const messages = makeMessageStore(parts)
  const desk = makeMessageDesk(parts)
  const queue = wireTaskQueue(env)
  const signal = wireEventSignal(env, parts.directory)
  return {
    findClient: findClientIn(parts.directory),
    listMessages: makeReadChats(makeChatStore(parts)).messages,
    readMessage: makeReadMessage(desk),
    postMessage: signalAfter(signal, makePostMessage(messages, queue, alerts), tenantOf),
    postMessages: signalAfter(signal, makePostMessages(desk, queue, alerts), tenantOf),
    checkMessage: makeCheckMessage(desk),
    resendMessage: signalAfter(signal, makeResendMessage(desk, queue, alerts), tenantOf),
    cancelMessage: signalAfter(signal, makeCancelMessage(messages, queue), tenantOf),
    deleteMessage: signalAfter(signal, makeDeleteMessage(desk), tenantOf),
  }
}
