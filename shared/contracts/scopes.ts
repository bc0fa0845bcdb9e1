/** What a token may do. `admin` stands for all the others. */
export const scopes = [
  'chats:read',
  'chats:write',
  'messages:send',
  'templates:read',
  'templates:write',
  'suppressions:write',
  'admin',
] as const
export type Scope = (typeof scopes)[number]
