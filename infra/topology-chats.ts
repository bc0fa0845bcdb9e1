import { apiEnv, markChatReadEnv, postMessageEnv } from '#functions/env.ts'
import type { FunctionSpec, Route } from './topology-shapes.ts'

/** What programs call about chats and messages; part of the one list in topology.ts. */

export type ChatFunctionName =
  | 'open-chat'
  | 'list-chats'
  | 'get-chat'
  | 'mark-chat-read'
  | 'list-messages'
  | 'post-message'
  | 'cancel-message'

const api = {
  timeoutSeconds: 15,
  memoryMb: 512,
  access: ['database', 'data-key'],
  sendsTo: [],
} as const

export const chatFunctions: Readonly<Record<ChatFunctionName, FunctionSpec>> = {
  'open-chat': {
    ...api,
    entry: 'functions/api/open-chat.ts',
    env: apiEnv,
    errorImpact: 'programs cannot open chats: POST /chats fails',
  },
  'list-chats': {
    ...api,
    entry: 'functions/api/list-chats.ts',
    env: apiEnv,
    errorImpact: 'programs cannot list chats: GET /chats fails',
  },
  'get-chat': {
    ...api,
    entry: 'functions/api/get-chat.ts',
    env: apiEnv,
    errorImpact: 'programs cannot read a chat: GET /chats/{chatId} fails',
  },
  'mark-chat-read': {
    ...api,
    entry: 'functions/api/mark-chat-read.ts',
    env: markChatReadEnv,
    access: ['database'],
    sendsTo: ['READ_RECEIPT'],
    errorImpact: 'programs cannot mark chats as read: POST /chats/{chatId}/read fails',
  },
  'list-messages': {
    ...api,
    entry: 'functions/api/list-messages.ts',
    env: apiEnv,
    errorImpact: 'programs cannot read threads: GET /chats/{chatId}/messages fails',
  },
  'post-message': {
    ...api,
    entry: 'functions/api/post-message.ts',
    env: postMessageEnv,
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK'],
    errorImpact: 'programs cannot send: POST /chats/{chatId}/messages fails',
  },
  'cancel-message': {
    ...api,
    entry: 'functions/api/cancel-message.ts',
    env: postMessageEnv,
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK'],
    errorImpact: 'programs cannot cancel a message before it is sent',
  },
}

export const chatRoutes: readonly Route[] = [
  { method: 'POST', path: '/chats', function: 'open-chat', scope: 'chats:write' },
  { method: 'GET', path: '/chats', function: 'list-chats', scope: 'chats:read' },
  { method: 'GET', path: '/chats/{chatId}', function: 'get-chat', scope: 'chats:read' },
  {
    method: 'POST',
    path: '/chats/{chatId}/read',
    function: 'mark-chat-read',
    scope: 'chats:write',
  },
  {
    method: 'GET',
    path: '/chats/{chatId}/messages',
    function: 'list-messages',
    scope: 'chats:read',
  },
  {
    method: 'POST',
    path: '/chats/{chatId}/messages',
    function: 'post-message',
    scope: 'messages:send',
  },
  {
    method: 'POST',
    path: '/chats/{chatId}/messages/{messageId}/cancel',
    function: 'cancel-message',
    scope: 'messages:send',
  },
]
