-- What a person may ask for: a copy of everything (EXPORT) or that it goes (ERASURE). The receipt holds
-- counts and days, never data.
create table privacy_requests (
  tenant_id bigint not null references tenants,
  request_id bigint generated always as identity,
  kind varchar(16) not null check (kind in ('EXPORT', 'ERASURE')),
  person_id bigint not null,
  -- Null: an operator's, after a restore.
  client_id bigint,
  state varchar(16) not null default 'REQUESTED'
    check (state in ('REQUESTED', 'RUNNING', 'DONE', 'REFUSED')),
  reason varchar(60),
  receipt jsonb not null default '{}',
  -- Prefix of an export's objects; null before it is there and once it has gone.
  object_key varchar(200),
  requested_at timestamptz not null default now(),
  done_at timestamptz,
  expires_at timestamptz,
  primary key (tenant_id, request_id),
  foreign key (tenant_id, person_id) references persons,
  foreign key (tenant_id, client_id) references clients
);
create unique index privacy_requests_living on privacy_requests (tenant_id, person_id, kind)
  where state in ('REQUESTED', 'RUNNING');
create index privacy_requests_of_person on privacy_requests (tenant_id, person_id, request_id);

-- Each word of a person for or against being written to, append-only: the newest counts, all of them
-- are the proof. Ids and codes only, so that the proof outlives an erasure.
create table consents (
  tenant_id bigint not null references tenants,
  consent_id bigint generated always as identity,
  person_id bigint not null,
  contact_id bigint,
  channel varchar(16) not null check (channel in ('WHATSAPP', 'EMAIL')),
  purpose varchar(40) not null,
  action varchar(16) not null check (action in ('GIVEN', 'REVOKED')),
  -- Which text the person agreed to; null where there was none, as of a word in a chat.
  text_version varchar(60),
  source varchar(32) not null,
  occurred_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, consent_id),
  foreign key (tenant_id, person_id) references persons
);
create index consents_of_person on consents (tenant_id, person_id, consent_id);

alter table persons add column erased_at timestamptz;
alter table persons add column if not exists legal_hold_at timestamptz;
-- A code, such as the number of a lawsuit: no free text, which would hold names.
alter table persons add column legal_hold_reason varchar(60);
create index persons_merged_into on persons (tenant_id, merged_into_person_id)
  where merged_into_person_id is not null;

-- Nothing of a person is left in a message with it.
alter table chat_messages add column blanked_at timestamptz;

-- The bytes of a file have gone with the person it was of.
alter table media add column erased_at timestamptz;

-- Salt of the digests that stand for a provider's ids of erased messages.
alter table tenants add column erasure_salt uuid not null default gen_random_uuid();

-- Of an address that is suppressed and whose person was erased only the keyed hash stays.
alter table suppressions alter column value drop not null;
create index suppressions_by_hash on suppressions (tenant_id, channel, value_hash);

-- What an erasure looks things up by.
create index media_of_message on media (tenant_id, message_id) where message_id is not null;
create index tasks_of_files on tasks using gin (
  (coalesce(payload -> 'mediaIds', '[]') || coalesce(payload -> 'fallbackMediaIds', '[]'))
  jsonb_path_ops) where type = 'MESSAGE_SEND' and payload <> '{}';
create index idempotency_keys_of_person on idempotency_keys
  (tenant_id, (answer #>> '{chat,personId}')) where answer #>> '{chat,personId}' is not null;
create index idempotency_keys_of_suppression on idempotency_keys
  (tenant_id, (answer ->> 'suppressionId')) where answer ->> 'suppressionId' is not null;

grant select, insert, update on privacy_requests to recado_functions;
grant select, insert on consents to recado_functions;
grant delete on contact_identities, media_uploads, suppressions, message_status to recado_functions;
grant update (value, row_token) on suppressions to recado_functions;
