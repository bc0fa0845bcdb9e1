import type { ExportPart } from '../../ports/exports.ts'
import { debtQueries } from './export-debt-queries.ts'
import { type ExportQuery, lookedUp, lookedUpOfPerson } from './export-query.ts'

const ofContact = (table: string, alias: string) =>
  `${lookedUpOfPerson('contacts', 'o')} ${lookedUp(table, alias, `${alias}.contact_id = o.contact_id`)}`
const filesOf = `cross join lateral person_files_v1(:tenant::bigint, same.ids) w
  ${lookedUp('media', 'f', 'f.media_id = w.media_id')}`

export const exportQueries: Readonly<Record<ExportPart, ExportQuery>> = {
  persons: {
    told: `jsonb_build_object('personId', p.person_id::text, 'name', encode(p.name, 'base64'),
      'externalId', encode(p.external_id, 'base64'), 'rowToken', p.row_token,
      'externalIdToken', translate(encode(p.external_id_hash, 'base64'), E'\\n', ''),
      'timeZone', p.time_zone, 'state', p.state,
      'mergedIntoPersonId', p.merged_into_person_id::text,
      'legalHoldAt', iso_utc(p.legal_hold_at), 'legalHoldReason', p.legal_hold_reason,
      'createdAt', iso_utc(p.created_at))`,
    from: `${lookedUpOfPerson('persons', 'p')} where true`,
    key: 'p.person_id',
    keyType: 'bigint',
    cells: [
      { name: 'name', table: 'persons', column: 'name' },
      { name: 'externalId', table: 'persons', column: 'external_id', token: 'externalIdToken' },
    ],
  },
  contacts: {
    told: `jsonb_build_object('contactId', o.contact_id::text, 'channel', i.channel, 'kind', i.kind,
      'address', encode(i.value, 'base64'), 'rowToken', i.row_token,
      'retiredAt', iso_utc(o.retired_at), 'supersededAt', iso_utc(i.superseded_at),
      'createdAt', iso_utc(i.created_at))`,
    from: `${ofContact('contact_identities', 'i')} where true`,
    key: 'i.row_token',
    keyType: 'uuid',
    cells: [{ name: 'address', table: 'contact_identities', column: 'value' }],
  },
  contactSenders: {
    told: `jsonb_build_object('contactId', l.contact_id::text, 'senderId', l.sender_id::text,
      'lastInboundAt', iso_utc(l.last_inbound_at))`,
    from: `${ofContact('contact_senders', 'l')} where true`,
    key: "concat_ws(':', l.contact_id, l.sender_id)",
    keyType: 'text',
  },
  portfolioContacts: {
    told: `jsonb_build_object('contactId', k.contact_id::text, 'portfolioId', k.portfolio_id,
      'countedAt', iso_utc(k.counted_at))`,
    from: `${ofContact('portfolio_contacts', 'k')} where true`,
    key: "concat_ws(':', k.contact_id, k.portfolio_id)",
    keyType: 'text',
  },
  optOuts: {
    told: `jsonb_build_object('contactId', u.contact_id::text, 'channel', u.channel,
      'category', u.category, 'source', u.source, 'optedOutAt', iso_utc(u.opted_out_at),
      'restoredAt', iso_utc(u.restored_at))`,
    from: `${ofContact('opt_outs', 'u')} where u.opted_out_at > '-infinity'`,
    key: "concat_ws(':', u.contact_id, u.channel, u.category)",
    keyType: 'text',
  },
  consents: {
    told: 'shown_consent_v1(s)',
    from: `${lookedUpOfPerson('consents', 's')} where true`,
    key: 's.consent_id',
    keyType: 'bigint',
  },
  suppressions: {
    told: `jsonb_build_object('suppressionId', s.suppression_id::text, 'channel', s.channel,
      'address', encode(s.value, 'base64'), 'rowToken', s.row_token, 'reason', s.reason,
      'source', s.source, 'createdAt', iso_utc(s.created_at), 'expiresAt', iso_utc(s.expires_at),
      'removedAt', iso_utc(s.removed_at))`,
    from: `${ofContact('contact_identities', 'i')}
      ${lookedUp('suppressions', 's', 's.channel = i.channel and s.value_hash = i.value_hash')}
      where true`,
    key: 's.suppression_id',
    keyType: 'bigint',
    cells: [{ name: 'address', table: 'suppressions', column: 'value' }],
  },
  chats: {
    told: `jsonb_build_object('chatId', c.chat_id::text, 'status', c.status,
      'channels', to_jsonb(c.channels), 'mergedIntoChatId', c.merged_into_chat_id::text,
      'lastActivityAt', iso_utc(c.last_activity_at), 'createdAt', iso_utc(c.created_at))`,
    from: `${lookedUpOfPerson('chats', 'c')} where true`,
    key: 'c.chat_id',
    keyType: 'bigint',
  },
  files: {
    told: `jsonb_build_object('mediaId', f.media_id, 'messageId', f.message_id::text,
      'direction', f.direction, 'kind', f.kind, 'state', f.state, 'reason', f.reason,
      'mimeType', f.mime_type, 'sizeBytes', f.size_bytes,
      'sha256', translate(encode(f.sha256, 'base64'), E'\\n', ''),
      'filename', encode(f.filename, 'base64'),
      'providerMediaId', encode(f.provider_media_id, 'base64'), 'rowToken', f.row_token,
      'createdAt', iso_utc(f.created_at), 'storedAt', iso_utc(f.stored_at),
      'removedAt', iso_utc(f.removed_at))`,
    from: `${filesOf} where true`,
    key: 'f.media_id',
    keyType: 'uuid',
    cells: [
      { name: 'filename', table: 'media', column: 'filename' },
      { name: 'providerMediaId', table: 'media', column: 'provider_media_id' },
    ],
  },
  fileUploads: {
    told: `jsonb_build_object('mediaId', u.media_id, 'senderId', u.sender_id::text,
      'providerMediaId', encode(u.provider_media_id, 'base64'), 'rowToken', u.row_token,
      'uploadedAt', iso_utc(u.uploaded_at))`,
    from: `${filesOf}
      ${lookedUp('media_uploads', 'u', 'u.media_id = f.media_id')}
      where true`,
    key: "concat_ws(':', u.media_id, u.sender_id)",
    keyType: 'text',
    cells: [{ name: 'providerMediaId', table: 'media_uploads', column: 'provider_media_id' }],
  },
  ...debtQueries,
  privacyRequests: {
    told: `jsonb_build_object('requestId', q.request_id::text, 'kind', q.kind, 'state', q.state,
      'reason', q.reason, 'receipt', q.receipt, 'clientId', q.client_id::text,
      'requestedAt', iso_utc(q.requested_at), 'doneAt', iso_utc(q.done_at),
      'expiresAt', iso_utc(q.expires_at))`,
    from: `${lookedUpOfPerson('privacy_requests', 'q')} where true`,
    key: 'q.request_id',
    keyType: 'bigint',
  },
  readers: {
    told: `jsonb_build_object('at', iso_utc(e.at), 'actorKind', e.actor_kind, 'actor', e.actor,
      'action', e.action, 'outcome', e.outcome, 'purpose', e.purpose)`,
    // The tenant is asked for behind the look-up: no index that begins with it has persons.
    from: `cross join lateral (
        select * from audit_entries a where a.person_ids && same.ids offset 0) e
      where e.tenant_id = :tenant::bigint`,
    key: 'e.audit_id',
    keyType: 'bigint',
  },
}
