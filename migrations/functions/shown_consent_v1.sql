-- A word of the ledger of consents as the code reads it.
create or replace function shown_consent_v1(c consents) returns jsonb
language sql stable
return jsonb_build_object('consentId', c.consent_id::text, 'contactId', c.contact_id::text,
  'channel', c.channel, 'purpose', c.purpose, 'action', c.action, 'textVersion', c.text_version,
  'source', c.source, 'occurredAt', iso_utc(c.occurred_at), 'createdAt', iso_utc(c.created_at));
