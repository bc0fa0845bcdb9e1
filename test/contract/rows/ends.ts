/**
 * How the rows of a table end, or why they stay.
 *
 * - `stages`: of the daily cleanup, which removes or blanks them
 * - `clock`: a function of its own that deletes them
 * - `partOf`: a table that they point to: a bounded number for each of its rows, which go or stay with it
 * - `settings`: what somebody sets up; traffic adds none
 * - `stays`: they grow, and this is why they are kept
 */
export type End =
  | { readonly stages: readonly string[]; readonly also?: string }
  | { readonly clock: string }
  | { readonly partOf: string; readonly why: string }
  | { readonly settings: string }
  | { readonly stays: string }

/** Every table; one that is missing here fails the test, so that none grows unnoticed. */
export const ends: Readonly<Record<string, End>> = {
  account_events: {
    stages: ['account-events', 'account-event-bodies', 'account-events-left'],
  },
  audit_entries: { stays: 'the proof of who saw what, chained: a removed one breaks it (ADR 23)' },
  audit_links: { stays: 'the chain of the entries (ADR 23)' },
  audit_persons: { stays: 'whose the entries are (ADR 23)' },
  billing_services: { settings: 'one a tenant' },
  business_events: { stages: ['business-events'] },
  charged_days: { stages: ['charged-days'] },
  chat_messages: {
    stages: ['inbound', 'marketing', 'transactional'],
    also: 'contents are blanked; ids, states, times and prices stay: they feed the figures (ADR 25)',
  },
  chats: {
    stages: ['close', 'archive'],
    also: 'archived ones stay: their messages point to them (ADR 25)',
  },
  clients: { settings: 'the programs of a tenant' },
  consents: { stays: 'the proof of what a person said, beyond an erasure (ADR 24)' },
  contact_identities: { partOf: 'contacts', why: 'an address goes when its person is erased' },
  contact_senders: { partOf: 'contacts', why: 'one for each sender' },
  contacts: { partOf: 'persons', why: 'messages point to them; blanked when a person is erased' },
  dunning_policies: { settings: 'a version for each change of a tenant' },
  dunning_steps: { stages: ['dunning-steps'] },
  event_delivery_attempts: { clock: 'forget_events_v1' },
  event_pumps: { settings: 'one a tenant' },
  events: { clock: 'forget_events_v1' },
  idempotency_keys: { clock: 'forget_keys_v1' },
  installments: {
    stages: ['debts'],
    also: 'the newest version stays, or an old event told again would open the debt (ADR 25)',
  },
  media: {
    stages: ['media'],
    also: 'bytes and names go; the row stays, so that a message says that it had a file (ADR 25)',
  },
  media_uploads: { partOf: 'media', why: 'one for each sender; gone with the bytes' },
  message_status: {
    stages: ['reports'],
    also: 'those that found their message stay with it, one for each status',
  },
  movements: { stages: ['debts'], also: 'as installments' },
  opt_outs: { partOf: 'contacts', why: 'one for each category; gone when a person is erased' },
  pair_paces: { partOf: 'contacts', why: 'one for each sender' },
  parked_items: { stages: ['parked-items'] },
  persons: { stays: 'a person has no date: blanked by an erasure alone (ADR 24, ADR 25)' },
  portfolio_contacts: { partOf: 'contacts', why: 'one for each portfolio' },
  portfolio_hours: { stages: ['portfolio-hours'] },
  portfolios: { settings: 'the accounts of a tenant at Meta' },
  privacy_requests: { stays: 'the receipt of what the law asks for: counts and days (ADR 24)' },
  provider_templates: { settings: "a tenant's templates at Meta" },
  raw_mails: { stages: ['raw-mails'] },
  schema_migrations: { settings: 'one for each file' },
  send_attempts: { partOf: 'chat_messages', why: 'as many as retries; ids blanked with it' },
  sender_paces: { settings: 'one for each sender' },
  senders: { settings: 'numbers and addresses of a tenant' },
  subscriptions: { settings: '20 a tenant at most' },
  suppressions: { stays: 'whom nothing may be sent to; of who is erased the keyed hash (ADR 24)' },
  task_failures: { stages: ['failures', 'failure-bodies', 'failures-left'] },
  tasks: {
    stages: ['tasks'],
    also: 'sends stay with their message; deliveries go by forget_events_v1',
  },
  templates: { settings: 'a version for each change of a tenant' },
  tenant_keys: { settings: 'one for each rotation; retire_keys_v1 removes them' },
  tenants: { settings: 'the companies' },
}
