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
  'audit:read',
  'business-events:read',
  'business-events:write',
  'privacy:read',
  'privacy:write',
  'dunning:read',
  'dunning:write',
  'admin',
] as const
export type Scope = (typeof scopes)[number]
