-- What all functions share about how fast and whether a sender may send: the breaker, the slots of
-- its throughput, the pace of each pair of sender and contact, and the limits that cost money.

create table sender_paces (
  tenant_id bigint not null,
  sender_id bigint not null,
  -- The next free slot of the sender's throughput: sends reserve slots, 1 / rate apart.
  next_slot_at timestamptz not null default now(),
  breaker varchar(16) not null default 'CLOSED'
    check (breaker in ('CLOSED', 'OPEN', 'HALF_OPEN')),
  -- Failures in a row; how often the breaker opened in a row.
  failures integer not null default 0,
  openings integer not null default 0,
  open_until timestamptz,
  reason varchar(60),
  reason_code integer,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, sender_id),
  foreign key (tenant_id, sender_id) references senders
);

create table pair_paces (
  tenant_id bigint not null,
  sender_id bigint not null,
  contact_id bigint not null,
  -- Theoretical arrival time of the generic cell rate algorithm.
  arrival_at timestamptz not null,
  -- After the provider's own refusal (131056): 4^strikes seconds of silence.
  strikes integer not null default 0,
  silent_until timestamptz,
  primary key (tenant_id, sender_id, contact_id),
  foreign key (tenant_id, sender_id) references senders,
  foreign key (tenant_id, contact_id) references contacts
);

-- A business portfolio at Meta: its limit of unique users reached outside their service window
-- in a moving 24 hours (250, 2,000, 10,000, 100,000; null is unlimited).
create table portfolios (
  tenant_id bigint not null references tenants,
  portfolio_id varchar(64) not null,
  unique_users_limit integer check (unique_users_limit > 0),
  primary key (tenant_id, portfolio_id)
);

create table portfolio_contacts (
  tenant_id bigint not null,
  portfolio_id varchar(64) not null,
  contact_id bigint not null,
  counted_at timestamptz not null,
  primary key (tenant_id, portfolio_id, contact_id),
  foreign key (tenant_id, portfolio_id) references portfolios,
  foreign key (tenant_id, contact_id) references contacts
);

-- Users counted per hour: a sum of 25 rows instead of a count over up to 100,000.
create table portfolio_hours (
  tenant_id bigint not null,
  portfolio_id varchar(64) not null,
  hour timestamptz not null,
  users integer not null,
  primary key (tenant_id, portfolio_id, hour),
  foreign key (tenant_id, portfolio_id) references portfolios
);

alter table senders add column portfolio_id varchar(64);

alter table senders add column history_probe boolean not null default false;

alter table senders add foreign key (tenant_id, portfolio_id) references portfolios;

-- Messages a tenant may have charged in a day of its own time zone; null is no guard.
alter table tenants add column charged_per_day integer check (charged_per_day > 0);

create table charged_days (
  tenant_id bigint not null references tenants,
  day date not null,
  messages integer not null,
  primary key (tenant_id, day)
);

-- When a send was meant to go; `due_at` may be later, for pace or a retry.
alter table tasks add column planned_at timestamptz;

-- A reserved slot of the sender's throughput; it needs no second one.
alter table tasks add column slot_at timestamptz;

alter table chat_messages add column report_ttl_seconds integer;

-- Wake-ups and webhook chunks that no code could read or apply, as the DLQ consumer found them.
create table task_failures (
  tenant_id bigint not null references tenants,
  task_failure_id bigint generated always as identity,
  queue varchar(80) not null,
  queue_message_id varchar(100) not null,
  reason varchar(60) not null,
  body bytea not null,
  created_at timestamptz not null default now(),
  resolved_at timestamptz,
  primary key (tenant_id, task_failure_id),
  unique (queue, queue_message_id)
);

grant select, insert, update on sender_paces, pair_paces, portfolios, portfolio_contacts,
  portfolio_hours, charged_days, task_failures to recado_functions;

grant usage on all sequences in schema public to recado_functions;
