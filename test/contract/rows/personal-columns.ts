/**
 * What an erasure does with every column that could hold something of a person: one of no class fails
 * the test, so that no new column is forgotten.
 *
 * - `erased`: gone or null for the person
 * - `digest`: replaced by a salted digest, so that copies stay known
 * - `kept`: the named exception, see ADR 24
 * - `aged`: nobody can tell whose it is; it goes by age
 * - `impersonal`: ids, codes, our own and the tenant's texts and keys
 */
export type ColumnClass = 'erased' | 'digest' | 'kept' | 'aged' | 'impersonal'

type Columns = Readonly<Record<string, Readonly<Partial<Record<ColumnClass, readonly string[]>>>>>

export const personalColumns: Columns = {
  account_events: {
    aged: ['raw'],
    impersonal: ['channel', 'kind', 'severity', 'subject', 'event_hash'],
  },
  audit_entries: {
    impersonal: [
      ...['actor_kind', 'actor', 'action', 'outcome', 'purpose', 'request_id', 'objects'],
      'person_ids',
    ],
  },
  audit_links: { impersonal: ['hash'] },
  billing_services: { impersonal: ['base_url', 'secret_name'] },
  business_events: { impersonal: ['event_id', 'type', 'thing_id', 'outcome', 'notice'] },
  chat_messages: {
    erased: ['content', 'metadata', 'fallback_content'],
    digest: ['provider_message_id', 'mail_id'],
    impersonal: [
      ...['direction', 'channel', 'content_type', 'status', 'reason', 'delivery_policy', 'origin'],
      ...['template_name', 'template_language', 'fallback_template_name'],
      ...['fallback_template_language', 'category', 'named_template', 'named_template_language'],
      ...['installment_id', 'decision', 'purpose'],
    ],
  },
  chats: { erased: ['mail_token'], impersonal: ['status', 'channels'] },
  clients: { impersonal: ['issuer', 'oidc_client_id'] },
  consents: { impersonal: ['channel', 'purpose', 'action', 'text_version', 'source'] },
  contact_identities: { erased: ['value_hash', 'value'], impersonal: ['channel', 'kind'] },
  contacts: { impersonal: ['channel'] },
  dunning_policies: { impersonal: ['policy'] },
  dunning_steps: {
    impersonal: ['installment_id', 'step', 'state', 'reason', 'channel', 'decision'],
  },
  event_delivery_attempts: { impersonal: ['outcome'] },
  events: { impersonal: ['type', 'detail'] },
  idempotency_keys: { erased: ['answer'], aged: ['key_hash', 'body_hash'], impersonal: ['route'] },
  installments: {
    erased: ['details'],
    impersonal: ['installment_id', 'movement_id', 'status', 'event_id', 'status_event_id'],
  },
  media: {
    erased: ['filename', 'provider_media_id', 'sha256'],
    impersonal: ['direction', 'kind', 'state', 'reason', 'mime_type', 'object_key'],
  },
  media_uploads: { erased: ['provider_media_id'] },
  message_status: {
    erased: ['detail', 'recipient', 'recipient_hash', 'suppress'],
    digest: ['provider_message_id'],
    impersonal: ['channel', 'status', 'reason', 'pricing'],
  },
  movements: { erased: ['details'], impersonal: ['movement_id', 'status', 'currency', 'event_id'] },
  opt_outs: { erased: ['channel', 'category', 'source'] },
  // Those of the deployment itself, and those that name nobody, are aged.
  parked_items: { erased: ['item_hash', 'raw', 'authors'], impersonal: ['channel', 'reason'] },
  persons: {
    erased: ['external_id_hash', 'external_id', 'name', 'time_zone', 'state'],
    impersonal: ['legal_hold_reason'],
  },
  portfolio_contacts: { impersonal: ['portfolio_id'] },
  portfolio_hours: { impersonal: ['portfolio_id'] },
  portfolios: { impersonal: ['portfolio_id'] },
  privacy_requests: {
    erased: ['object_key'],
    impersonal: ['kind', 'state', 'reason', 'receipt'],
  },
  provider_templates: {
    impersonal: [
      ...['waba_id', 'name', 'language', 'provider_template_id', 'category', 'accepted_category'],
      ...['status', 'parameter_format', 'components', 'shape', 'quality', 'reason'],
    ],
  },
  raw_mails: { erased: ['object_key', 'authors'] },
  schema_migrations: { impersonal: ['name', 'checksum', 'retired_by'] },
  send_attempts: {
    digest: ['provider_message_id'],
    impersonal: ['channel', 'outcome', 'reported_status', 'reason'],
  },
  sender_paces: { impersonal: ['breaker', 'reason'] },
  senders: {
    impersonal: [
      ...['channel', 'phone_number_id', 'waba_id', 'from_address', 'secret_name', 'portfolio_id'],
      ...['from_name', 'reply_domain', 'configuration_set', 'unsubscribe_url'],
    ],
  },
  subscriptions: {
    impersonal: ['url', 'types', 'status', 'paused_reason', 'secret', 'previous_secret'],
  },
  suppressions: {
    erased: ['value'],
    kept: ['value_hash'],
    impersonal: ['channel', 'reason', 'source', 'removed_by'],
  },
  task_failures: { aged: ['body'], impersonal: ['queue', 'queue_message_id', 'reason'] },
  tasks: { impersonal: ['type', 'channel', 'payload', 'state', 'reason'] },
  templates: {
    impersonal: [
      ...['name', 'channel', 'language', 'source', 'variables', 'value_types', 'category'],
      ...['provider_name', 'provider_language', 'shape'],
    ],
  },
  tenant_keys: { impersonal: ['wrapped_data_key'] },
  tenants: {
    impersonal: [
      ...['name', 'time_zone', 'delivery_policy', 'wrapped_index_key', 'service_window'],
      ...['opt_out_confirmation', 'mail_paused_reason', 'state', 'city', 'event_source'],
    ],
  },
}
