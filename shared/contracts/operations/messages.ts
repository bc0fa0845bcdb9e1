import * as z from 'zod'
import {
  checkedMessage,
  messageDetail,
  postedMessages,
  postMessagesBody,
  resendMessageBody,
} from '../message-desk.ts'
import { acceptedMessage, messagesQuery, shownMessage } from '../messages.ts'
import { idParam, operations } from '../operation.ts'
import { pageOf, shownId } from '../paging.ts'
import { postMessageBody } from '../post-message.ts'
import { postMessageExamples } from './messages-examples.ts'

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

const hello = { type: 'text', text: 'Olá, Ana!' }

/** What programs do with messages. */
export const messageOperations = operations({
  listMessages: {
    method: 'GET',
    path: '/chats/{chatId}/messages',
    scope: 'chats:read',
    audit: 'reads',
    summary: 'List the messages of a chat',
    params: { chatId },
    query: messagesQuery,
    answers: { 200: { description: 'A page of messages.', schema: pageOf(shownMessage) } },
    refusals: ['chat-not-found', 'invalid-cursor'],
  },
  getMessage: {
    method: 'GET',
    path: '/chats/{chatId}/messages/{messageId}',
    scope: 'chats:read',
    audit: 'reads',
    summary: 'Read a message, its history and its attempts',
    description:
      'The history is in order of time; it tells of the newest 50 attempts and reports. A deleted ' +
      'message is a tombstone: it has `deletedAt`, and its content is null.',
    params: { chatId, messageId },
    answers: { 200: { description: 'The message.', schema: messageDetail } },
    refusals: ['chat-not-found', 'message-not-found'],
  },
  postMessage: {
    method: 'POST',
    path: '/chats/{chatId}/messages',
    scope: 'messages:send',
    audit: 'writes',
    summary: 'Send a message, now or later',
    description:
      'A 202 is a promise that the message reaches a final, visible state. It may be repeated with ' +
      'its Idempotency-Key for 30 days.',
    params: { chatId },
    body: postMessageBody,
    examples: postMessageExamples,
    idempotent: true,
    answers: { 202: { description: 'The message is queued.', schema: acceptedMessage } },
    refusals: messageRefusals,
  },
  postMessages: {
    method: 'POST',
    path: '/messages',
    scope: 'messages:send',
    audit: 'writes',
    summary: 'Send up to 100 messages in one request',
    description:
      'A mistake in the form of any message refuses the whole request, with its path. The rules ' +
      'are asked for each message by itself, in the order given: one that they refuse has a ' +
      '`problem` in its place and the others go. The answer is kept with its Idempotency-Key ' +
      'whatever it refuses; send what was refused again under a new one. A request of n messages ' +
      'takes n tokens of the rate limit, all or none, and no more than the bucket holds when full.',
    body: postMessagesBody,
    idempotent: true,
    mostBodyBytes: 1024 * 1024,
    answers: {
      200: { description: 'What became of each message.', schema: postedMessages },
    },
    refusals: [],
    examples: { two: { messages: ['12', '13'].map((id) => batched(id)) } },
  },
  checkMessage: {
    method: 'POST',
    path: '/chats/{chatId}/messages/check',
    scope: 'messages:send',
    audit: 'reads',
    summary: 'Ask what would become of a message, without sending it',
    description:
      'Takes the road of a real post and leaves nothing behind. Of a `sendAt` it says what holds ' +
      'now: window, consent and templates are asked again when the message is due.',
    params: { chatId },
    body: postMessageBody,
    answers: { 200: { description: 'What would become of it.', schema: checkedMessage } },
    refusals: ['chat-not-found'],
    examples: { text: { channel: 'WHATSAPP', content: hello } },
  },
  resendMessage: {
    method: 'POST',
    path: '/chats/{chatId}/messages/{messageId}/resend',
    scope: 'messages:send',
    audit: 'writes',
    summary: 'Send again, as a new message, one that has ended without arriving',
    description:
      'Of FAILED, EXPIRED, CANCELLED, and UNKNOWN with `final`. The new message has the same ' +
      'content, channel, fallback, delivery policy and reply, passes the same rules as any other, ' +
      'and names the old one in `resendOfMessageId`. Its `expiresAt` counts anew.',
    params: { chatId, messageId },
    body: resendMessageBody,
    idempotent: true,
    answers: { 202: { description: 'The new message is queued.', schema: acceptedMessage } },
    refusals: [...messageRefusals, 'message-not-ended', 'message-content-gone'],
    examples: { later: { sendAt: '2030-01-02T12:00:00Z' } },
  },
  cancelMessage: {
    method: 'POST',
    path: '/chats/{chatId}/messages/{messageId}/cancel',
    scope: 'messages:send',
    audit: 'writes',
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
  deleteMessage: {
    method: 'DELETE',
    path: '/chats/{chatId}/messages/{messageId}',
    scope: 'messages:send',
    audit: 'writes',
    summary: 'Delete a message here: a tombstone stays in its place',
    description:
      'The person keeps what they have. Whoever deletes it twice gets the same tombstone. It ' +
      'cannot be replied to or sent again any more.',
    params: { chatId, messageId },
    answers: { 200: { description: 'The tombstone.', schema: shownMessage } },
    refusals: ['chat-not-found', 'message-not-found', 'message-in-flight'],
  },
})

function batched(chatId: string) {
  return { chatId, channel: 'WHATSAPP', content: hello }
}
