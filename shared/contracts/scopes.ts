/** What a token may do. `admin` stands for all the others. */
export const scopes = [
  'chats:read',
  'chats:write',
  'contacts:write',
  'messages:send',
  'suppressions:write',
  'templates:read',
  'templates:write',
  'events:read',
  'subscriptions:write',
  'dunning:read',
  'dunning:write',
  'admin',
] as const
export type Scope = (typeof scopes)[number]
