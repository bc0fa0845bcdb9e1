-- What the WhatsApp channel needs beyond texts: Meta's templates, media, opt-outs, fallbacks, replies
-- from the business's own phone, prices, and news of accounts that operators must hear.

-- Meta's approved copies, as last synced or told by webhook. `shape` is what a send must bring:
-- see shared/domain/template-shape.ts. No personal data.
create table provider_templates (
  tenant_id bigint not null references tenants,
  waba_id varchar(64) not null,
  name varchar(512) not null,
  language varchar(32) not null,
  provider_template_id varchar(64),
  category varchar(32) not null,
  -- The category that sends count on; another one that Meta gives blocks until it is accepted.
  accepted_category varchar(32) not null,
  status varchar(32) not null,
  parameter_format varchar(16) not null default 'POSITIONAL'
    check (parameter_format in ('POSITIONAL', 'NAMED')),
  components jsonb not null default '[]',
  shape jsonb not null default '{}',
  quality varchar(16),
  reason varchar(200),
  -- The provider's time of what its webhooks last told of each part.
  status_at timestamptz,
  quality_at timestamptz,
  category_at timestamptz,
  synced_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, waba_id, name, language)
);

create index provider_templates_by_id on provider_templates (tenant_id, waba_id, provider_template_id);

create index provider_templates_by_name on provider_templates (tenant_id, name, language, waba_id);

-- The account of a TEMPLATE_SYNC: one waits at a time, and only so many begin in an hour.
create index tasks_template_syncs on tasks (tenant_id, (payload ->> 'wabaId'), created_at)
  where type = 'TEMPLATE_SYNC';

-- Since when the templates of a sender's account are known; null: nothing is checked against them.
alter table senders add column templates_synced_at timestamptz;

-- A person's word against being written to, per contact and category: ALL, MARKETING.
create table opt_outs (
  tenant_id bigint not null,
  contact_id bigint not null,
  channel varchar(16) not null check (channel in ('WHATSAPP', 'EMAIL')),
  category varchar(32) not null check (category in ('ALL', 'MARKETING')),
  -- keyword, preference, provider-refusal, client
  source varchar(32) not null,
  opted_out_at timestamptz not null,
  restored_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, contact_id, channel, category),
  foreign key (tenant_id, contact_id) references contacts
);

-- Files that go out or came in; the bytes lie in S3 under `object_key`. Ids are made by the caller.
create table media (
  tenant_id bigint not null references tenants,
  media_id uuid not null,
  direction varchar(8) not null check (direction in ('INBOUND', 'OUTBOUND')),
  kind varchar(16) not null check (kind in ('image', 'video', 'audio', 'document', 'sticker')),
  state varchar(16) not null default 'PENDING' check (state in ('PENDING', 'STORED', 'FAILED')),
  reason varchar(60),
  mime_type varchar(127) not null,
  size_bytes bigint,
  sha256 bytea,
  object_key varchar(200) not null,
  -- Sealed with `row_token`: the file's name, and what Meta calls an inbound file.
  filename bytea,
  provider_media_id bytea,
  row_token uuid not null,
  message_id bigint,
  sender_id bigint,
  created_at timestamptz not null default now(),
  stored_at timestamptz,
  primary key (tenant_id, media_id),
  foreign key (tenant_id, message_id) references chat_messages,
  foreign key (tenant_id, sender_id) references senders
);

-- What Meta calls a file of ours, per sender; its id lives 30 days.
create table media_uploads (
  tenant_id bigint not null,
  media_id uuid not null,
  sender_id bigint not null,
  provider_media_id bytea not null,
  row_token uuid not null,
  uploaded_at timestamptz not null default now(),
  primary key (tenant_id, media_id, sender_id),
  foreign key (tenant_id, media_id) references media,
  foreign key (tenant_id, sender_id) references senders
);

-- News of accounts, numbers and templates, for operators; the details may name people, so sealed in a
-- transit envelope.
create table account_events (
  tenant_id bigint not null references tenants,
  account_event_id bigint generated always as identity,
  channel varchar(16) not null,
  kind varchar(60) not null,
  -- info, warning, critical
  severity varchar(16) not null,
  subject varchar(200),
  event_hash bytea not null,
  raw bytea not null,
  occurred_at timestamptz not null,
  created_at timestamptz not null default now(),
  acknowledged_at timestamptz,
  primary key (tenant_id, account_event_id),
  unique (tenant_id, event_hash)
);

create index account_events_open on account_events (created_at) where acknowledged_at is null;

alter table tenants add column service_window varchar(20) not null default 'enforced'
  check (service_window in ('enforced', 'left-to-provider'));

-- What a person is told after opting out; null: the text of the product. Empty: nothing.
alter table tenants add column opt_out_confirmation varchar(1000);

-- Who made an outbound message: a client, the product itself, or somebody at the business's phone.
alter table chat_messages add column origin varchar(16) not null default 'api'
  check (origin in ('api', 'automatic', 'business-app'));

alter table chat_messages add column template_name varchar(512);

alter table chat_messages add column template_language varchar(32);

-- A template that goes instead of a free-form message once the service window is closed.
alter table chat_messages add column fallback_content bytea;

alter table chat_messages add column fallback_row_token uuid;

alter table chat_messages add column fallback_template_name varchar(512);

alter table chat_messages add column fallback_template_language varchar(32);

alter table chat_messages add column fallback_used boolean not null default false;

-- A person edited or took back what they wrote; nobody keeps what was taken back.
alter table chat_messages add column edited_at timestamptz;

alter table chat_messages add column revoked_at timestamptz;

-- What `metadata` is bound to, once an edit has sealed the content anew; null: `row_token`.
alter table chat_messages add column metadata_row_token uuid;

-- What the provider charges, as its reports say: category, type, model.
alter table message_status add column pricing jsonb;

alter table contact_identities drop constraint contact_identities_kind_check;

alter table contact_identities add constraint contact_identities_kind_check
  check (kind in ('phone', 'user-id', 'parent-user-id', 'email'));

-- Whether the number has another spelling that WhatsApp may know it by (Brazil's ninth digit).
alter table contact_identities add column has_variant boolean not null default false;

-- When the provider said that the person is known otherwise now: nobody is written to under it.
alter table contact_identities add column superseded_at timestamptz;

grant select, insert, update on provider_templates, opt_outs, media, media_uploads, account_events
  to recado_functions;

grant update (templates_synced_at) on senders to recado_functions;

-- Contacts of one person that turn out to be the same are merged: one of them is removed.
grant update (contact_id, superseded_at) on contact_identities to recado_functions;

grant delete on contacts, contact_senders, opt_outs, pair_paces, portfolio_contacts
  to recado_functions;
