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
