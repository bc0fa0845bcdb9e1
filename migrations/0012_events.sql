-- What happened, told to programs of the tenant: a feed that they read, webhooks and a bus that they
-- are called by. Written by triggers (functions/tell_*_v1.sql); clear facts only, nothing of what
-- people wrote or are called.

create table events (
  tenant_id bigint not null references tenants,
  event_id bigint generated always as identity,
  -- Ids and times of concurrent transactions become visible out of order. Read in the order of
  -- (xid, event_id) below the oldest running transaction nothing can appear behind a reader.
  xid xid8 not null default pg_current_xact_id(),
  type varchar(40) not null,
  chat_id bigint,
  message_id bigint,
  person_id bigint,
  detail jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (tenant_id, event_id)
);

create unique index events_in_order on events (tenant_id, xid, event_id);

create index events_by_age on events (tenant_id, created_at);

create table subscriptions (
  tenant_id bigint not null references tenants,
  subscription_id bigint generated always as identity,
  -- Sealed: an address may carry a token.
  url bytea not null,
  url_row_token uuid not null,
  -- Empty: every type.
  types varchar(40)[] not null default '{}',
  status varchar(16) not null default 'ACTIVE' check (status in ('ACTIVE', 'PAUSED')),
  paused_reason varchar(60),
  secret bytea not null,
  secret_row_token uuid not null,
  -- Sealed as `secret` once; it signs beside the new one for a while.
  previous_secret bytea,
  previous_secret_row_token uuid,
  previous_secret_until timestamptz,
  -- Events of this transaction and later ones.
  from_xid xid8 not null default pg_snapshot_xmin(pg_current_snapshot()),
  -- Batches in a row of which every call failed; no call before `retry_at`.
  failures integer not null default 0,
  failing_since timestamptz,
  retry_at timestamptz,
  last_success_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, subscription_id),
  check ((status = 'PAUSED') = (paused_reason is not null)),
  check ((previous_secret is null) = (previous_secret_until is null)),
  check ((previous_secret is null) = (previous_secret_row_token is null))
);

-- How far a tenant's events have been handed to its subscriptions and the bus.
create table event_pumps (
  tenant_id bigint primary key references tenants,
  after_xid xid8 not null,
  after_event_id bigint not null,
  updated_at timestamptz not null default now()
);

-- What became of each call. Outlives its subscription, until it is old.
create table event_delivery_attempts (
  tenant_id bigint not null references tenants,
  subscription_id bigint not null,
  attempt_id bigint generated always as identity,
  event_id bigint not null,
  number integer not null,
  outcome varchar(40) not null,
  status_code integer,
  duration_ms integer not null,
  attempted_at timestamptz not null default now(),
  primary key (tenant_id, subscription_id, attempt_id)
);

create index event_attempts_by_age on event_delivery_attempts (tenant_id, attempted_at);

create unique index tasks_one_per_delivery
  on tasks (tenant_id, (payload ->> 'subscriptionId'), (payload ->> 'eventId'))
  where type = 'EVENT_DELIVERY' and payload ->> 'eventId' is not null;

create index tasks_event_deliveries on tasks (tenant_id, created_at) where type = 'EVENT_DELIVERY';

-- The relay looks for deliveries apart, so that a receiver that is down for days, and whose
-- deliveries pile up, keeps nothing else waiting.
create index tasks_due_deliveries on tasks (due_at)
  where state = 'PENDING' and sender_id is null and type = 'EVENT_DELIVERY';

create index tasks_due_but_deliveries on tasks (due_at)
  where state = 'PENDING' and sender_id is null and type <> 'EVENT_DELIVERY';

drop index tasks_due_without_sender;

-- Removing a task asks whether an attempt names it.
create index attempts_of_task on send_attempts (tenant_id, task_id);

grant select, insert, delete on events, event_delivery_attempts to recado_functions;

grant select, insert, update on event_pumps to recado_functions;

grant select, insert, update, delete on subscriptions to recado_functions;

-- Deliveries that ended go with their events.
grant delete on tasks to recado_functions;
