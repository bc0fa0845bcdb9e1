-- What becomes of a mail after the provider took it, and the addresses that nothing more may go to.

-- One living row an address: the others are history. `value` is found by the same keyed hash as the
-- identities of contacts, whichever contact carries it.
create table suppressions (
  tenant_id bigint not null references tenants,
  suppression_id bigint generated always as identity,
  channel varchar(16) not null check (channel in ('WHATSAPP', 'EMAIL')),
  value_hash bytea not null,
  value bytea not null,
  row_token uuid not null,
  reason varchar(32) not null check (reason in (
    'complaint', 'hard-bounce', 'provider-list', 'manual', 'unsubscribed', 'soft-bounces')),
  source varchar(16) not null check (source in ('provider', 'client', 'person', 'operator')),
  -- Of source `client`: which one.
  client_id bigint,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  removed_at timestamptz,
  removed_by varchar(16) check (removed_by in ('provider', 'client', 'operator', 'expiry')),
  removed_by_client_id bigint,
  primary key (tenant_id, suppression_id),
  foreign key (tenant_id, client_id) references clients,
  foreign key (tenant_id, removed_by_client_id) references clients,
  check ((removed_at is null) = (removed_by is null))
);

create unique index suppressions_living on suppressions (tenant_id, channel, value_hash)
  where removed_at is null;

create index suppressions_removed on suppressions (tenant_id, channel, value_hash, removed_at)
  where removed_by in ('client', 'operator');

create index suppressions_listed on suppressions (tenant_id, suppression_id)
  where removed_at is null;

create index suppressions_listed_by_channel on suppressions (tenant_id, channel, suppression_id)
  where removed_at is null;

grant select, insert, update (reason, source, client_id, expires_at, removed_at, removed_by,
  removed_by_client_id) on suppressions to recado_functions;

-- Whom a report was about. A sealed recipient becomes the value of a suppression, cell and token.
alter table message_status add column recipient_hash bytea;

alter table message_status add column recipient bytea;

-- What the report says against the address, by the reasons of suppressions.
alter table message_status add column suppress varchar(32);

create index statuses_of_recipient
  on message_status (tenant_id, channel, recipient_hash, occurred_at)
  where recipient_hash is not null and status in ('FAILED', 'DELIVERED');

create index statuses_of_ended_mails on message_status (tenant_id, occurred_at)
  where channel = 'EMAIL' and status in ('DELIVERED', 'FAILED', 'HARD_FAILED');

-- Of a mail: `marketing` may be unsubscribed from, and waits while the tenant's mails are paused.
alter table chat_messages add column category varchar(16)
  check (category in ('transactional', 'marketing'));

-- So many soft bounces in a row suppress an address; null: none do.
alter table tenants add column soft_bounce_run integer default 3
  check (soft_bounce_run between 1 and 100);

-- Hard bounces of the last 1,000 mails above which marketing mails are paused, once there are so
-- many mails.
alter table tenants add column bounce_rate_percent numeric(4, 1) not null default 5
  check (bounce_rate_percent between 0 and 100);

alter table tenants add column bounce_rate_minimum integer not null default 100
  check (bounce_rate_minimum between 1 and 1000);

alter table tenants add column mail_paused_at timestamptz;

alter table tenants add column mail_paused_reason varchar(60);

-- What ended before counts no more.
alter table tenants add column mail_resumed_at timestamptz;

grant update (mail_paused_at, mail_paused_reason) on tenants to recado_functions;
