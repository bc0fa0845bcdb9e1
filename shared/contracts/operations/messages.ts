import * as z from 'zod'
import { acceptedMessage, messagesQuery, postMessageBody, shownMessage } from '../messages.ts'
import { idParam, operations } from '../operation.ts'
import { pageOf, shownId } from '../paging.ts'

const chatId = idParam('chat-not-found')
const messageId = idParam('message-not-found')

/** What the rules may have against a message. */
const messageRefusals = [
  'chat-not-found',
  'chat-closed',
  'contact-missing',
  'sender-missing',
  'send-too-late',
  'service-window-closed',
  'opted-out',
  'suppressed',
  'mail-paused',
  'reply-to-missing',
  'message-not-found',
  'media-not-found',
  'media-not-ready',
  'template-missing',
  'template-parameters',
  'template-recategorised',
  'template-paused',
  'template-disabled',
  'template-not-approved',
  'unique-users-limit',
  'charged-limit',
] as const

/** What programs do with messages. */
export const messageOperations = operations({
  listMessages: {
    method: 'GET',
    path: '/chats/{chatId}/messages',
    scope: 'chats:read',
    summary: 'List the messages of a chat',
    params: { chatId },
    query: messagesQuery,
    answers: { 200: { description: 'A page of messages.', schema: pageOf(shownMessage) } },
    refusals: ['chat-not-found', 'invalid-cursor'],
  },
  postMessage: {
    method: 'POST',
    path: '/chats/{chatId}/messages',
    scope: 'messages:send',
    summary: 'Send a message, now or later',
    description:
      'A 202 is a promise that the message reaches a final, visible state. It may be repeated with ' +
      'its Idempotency-Key for 30 days.',
    params: { chatId },
    body: postMessageBody,
    idempotent: true,
    answers: { 202: { description: 'The message is queued.', schema: acceptedMessage } },
    refusals: messageRefusals,
  },
  cancelMessage: {
    method: 'POST',
    path: '/chats/{chatId}/messages/{messageId}/cancel',
    scope: 'messages:send',
    summary: 'Cancel a message that is not being sent yet',
    params: { chatId, messageId },
    answers: {
      200: {
        description: 'The message will not be sent.',
        schema: z.object({ chatId: shownId, messageId: shownId, status: z.literal('CANCELLED') }),
      },
    },
    refusals: ['chat-not-found', 'message-not-found', 'message-claimed'],
  },
})
