-- What finance systems tell of movements and installments, and where they are asked.

-- Each event once. `outcome`: what it did; `notice`: what somebody should look at although it did it.
-- A copy is counted; one that says something else under a known id is a conflict. No personal data.
create table business_events (
  tenant_id bigint not null references tenants,
  event_id varchar(64) not null,
  type varchar(32) not null,
  thing_id varchar(64) not null,
  version bigint not null,
  outcome varchar(16) not null check (outcome in ('applied', 'stale')),
  notice varchar(32) check (notice in ('contact-taken', 'no-contacts')),
  copies integer not null default 0,
  conflicts integer not null default 0,
  occurred_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, event_id)
);

create index business_events_newest on business_events (tenant_id, created_at desc, event_id desc);

-- Of two events of one version the one with the greater id counts, in any order.
alter table movements add column event_id varchar(64) not null default '';

alter table installments add column event_id varchar(64) not null default '';

-- An update need not say the status: it stays what the newest event said that did.
alter table installments add column status_version bigint not null default 0;

alter table installments add column status_event_id varchar(64) not null default '';

-- The balance as it was told; `balance_cents` is 0 while the installment is paid.
alter table installments add column told_balance_cents bigint check (told_balance_cents >= 0);

-- Its movement was not told yet: nothing goes out for it.
alter table installments add column is_waiting boolean not null default false;

create index installments_waiting on installments (tenant_id, installment_id) where is_waiting;

create index installments_listed on installments (tenant_id, status, installment_id);

-- Where a tenant's finance system is asked whether a debt still stands; without a row: nowhere.
create table billing_services (
  tenant_id bigint not null references tenants,
  base_url varchar(500) not null,
  secret_name varchar(200) not null,
  timeout_ms integer not null check (timeout_ms between 100 and 10000),
  created_at timestamptz not null default now(),
  primary key (tenant_id)
);

-- Source of the events that a tenant's finance system puts on the bus.
alter table tenants add column event_source varchar(256) unique;

grant select, insert, update on business_events to recado_functions;

grant select on billing_services to recado_functions;

-- Where somebody is, for the hours at which they are written to.
create or replace view person_view as
select p.tenant_id, p.person_id,
  jsonb_build_object(
    'personId', p.person_id::text,
    'externalId', encode(p.external_id, 'base64'),
    'externalIdHash', encode(p.external_id_hash, 'base64'),
    'name', encode(p.name, 'base64'),
    'nameToken', p.row_token,
    'timeZone', p.time_zone,
    'state', p.state,
    'mergedIntoPersonId', p.merged_into_person_id::text,
    'activeChatId', (
      select c.chat_id::text from chats c
      where c.tenant_id = p.tenant_id and c.person_id = p.person_id and c.status = 'ACTIVE'),
    'identities', coalesce((
      select jsonb_agg(jsonb_build_object(
        'contactId', i.contact_id::text, 'channel', i.channel, 'kind', i.kind,
        'value', encode(i.value, 'base64'), 'rowToken', i.row_token)
        order by i.contact_id, i.kind, i.created_at)
      from contacts o
      join contact_identities i on i.tenant_id = o.tenant_id and i.contact_id = o.contact_id
      where o.tenant_id = p.tenant_id and o.person_id = p.person_id
        and o.retired_at is null and i.superseded_at is null), '[]'),
    'optOuts', coalesce((
      select jsonb_agg(jsonb_build_object(
        'contactId', u.contact_id::text, 'channel', u.channel, 'category', u.category,
        'source', u.source,
        'optedOutAt', to_char(u.opted_out_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'restoredAt', to_char(u.restored_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        order by u.contact_id, u.category)
      from contacts o
      join opt_outs u on u.tenant_id = o.tenant_id and u.contact_id = o.contact_id
      where o.tenant_id = p.tenant_id and o.person_id = p.person_id
        and o.retired_at is null and u.opted_out_at > '-infinity'), '[]')
  ) as person
from persons p;
