import * as z from 'zod'
import { markReadBody, openChatBody, shownChat } from '../chats.ts'
import { idParam, operations } from '../operation.ts'
import { pageOf, pageQuery, shownId } from '../paging.ts'
import { markReadExamples, openChatExamples } from './chats-examples.ts'

/** What programs do with chats. */
export const chatOperations = operations({
  openChat: {
    method: 'POST',
    path: '/chats',
    scope: 'chats:write',
    summary: 'Open the chat of a person, or find the one that is ACTIVE',
    body: openChatBody,
    examples: openChatExamples,
    idempotent: true,
    answers: {
      200: { description: 'The person has an ACTIVE chat already.', schema: shownChat },
      201: { description: 'The chat was opened.', schema: shownChat },
    },
    refusals: ['contact-taken'],
  },
  listChats: {
    method: 'GET',
    path: '/chats',
    scope: 'chats:read',
    summary: 'List chats, newest activity first',
    query: pageQuery,
    answers: { 200: { description: 'A page of chats.', schema: pageOf(shownChat) } },
    refusals: ['invalid-cursor'],
  },
  getChat: {
    method: 'GET',
    path: '/chats/{chatId}',
    scope: 'chats:read',
    summary: 'Read a chat',
    params: { chatId: idParam('chat-not-found') },
    answers: { 200: { description: 'The chat.', schema: shownChat } },
    refusals: ['chat-not-found'],
  },
  markChatRead: {
    method: 'POST',
    path: '/chats/{chatId}/read',
    scope: 'chats:write',
    summary: 'Mark a chat as read, here and at the provider',
    params: { chatId: idParam('chat-not-found') },
    body: markReadBody,
    examples: markReadExamples,
    answers: {
      200: {
        description: 'Nothing in the chat is unread.',
        schema: z.object({ chatId: shownId, unreadCount: z.literal(0) }),
      },
    },
    refusals: ['chat-not-found'],
  },
})
