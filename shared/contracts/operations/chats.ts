import * as z from 'zod'
import { chatsQuery, markReadBody, openChatBody, shownChat, updateChatBody } from '../chats.ts'
import { idParam, operations } from '../operation.ts'
import { pageOf, shownId } from '../paging.ts'
import { markReadExamples, openChatExamples } from './chats-examples.ts'

/** The one rule of shared/domain/chat.ts. */
const reopening =
  'What a person writes goes to their ACTIVE chat; else it reopens the CLOSED chat that was active ' +
  "last, if that was closed within the tenant's reopen days (7 unless the operator of this deployment " +
  'has set another number; 0 reopens nothing); else it opens a new chat. ARCHIVED and merged chats ' +
  'never reopen by themselves.'

/** What programs do with chats. */
export const chatOperations = operations({
  openChat: {
    method: 'POST',
    path: '/chats',
    scope: 'chats:write',
    audit: 'writes',
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
    audit: 'reads',
    summary: 'List chats, newest activity first',
    description:
      'All filters that are given must hold. With `updatedAfter` the list is ordered by the newest ' +
      'change instead. A page looks at 1,000 chats at most and ends at 700 KB: it may hold fewer than ' +
      '`limit`, even none, and still have a `nextCursor`; only a null `nextCursor` ends the list. A ' +
      'cursor belongs to its filter.',
    query: chatsQuery,
    answers: { 200: { description: 'A page of chats.', schema: pageOf(shownChat) } },
    refusals: ['invalid-cursor'],
  },
  getChat: {
    method: 'GET',
    path: '/chats/{chatId}',
    scope: 'chats:read',
    audit: 'reads',
    summary: 'Read a chat',
    params: { chatId: idParam('chat-not-found') },
    answers: { 200: { description: 'The chat.', schema: shownChat } },
    refusals: ['chat-not-found'],
  },
  updateChat: {
    method: 'PATCH',
    path: '/chats/{chatId}',
    scope: 'chats:write',
    audit: 'writes',
    summary: 'Close, reopen or archive a chat',
    description:
      'ACTIVE and CLOSED become each other, and both become ARCHIVED, which stays. The status that the ' +
      'chat has already is no change and no conflict, whatever If-Match says. If-Match compares the ' +
      "`version` in the chat's ETag and nothing else of it. Messages that are QUEUED when their chat " +
      `is closed or archived still go; new ones are refused. ${reopening}`,
    params: { chatId: idParam('chat-not-found') },
    body: updateChatBody,
    ifMatch: true,
    answers: { 200: { description: 'The chat as it is now.', schema: shownChat } },
    refusals: [
      'chat-not-found',
      'version-mismatch',
      'chat-merged',
      'chat-archived',
      'person-has-active-chat',
    ],
    examples: { close: { status: 'CLOSED' } },
  },
  markChatRead: {
    method: 'POST',
    path: '/chats/{chatId}/read',
    scope: 'chats:write',
    audit: 'writes',
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
