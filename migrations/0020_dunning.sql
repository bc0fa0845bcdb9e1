-- The ladder: what a tenant says to whom and when about what is to be paid, as data, and what became
-- of each step of each installment.

-- A DunningPolicy (shared/domain/dunning/policy.ts); the newest version counts.
create table dunning_policies (
  tenant_id bigint not null references tenants,
  version integer not null check (version >= 1),
  policy jsonb not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, version)
);

-- One row a step, so that a second look changes nothing. PLANNED waits for the day `planned_on`; SENT
-- has a message that was accepted by us; SKIPPED says why not. `due_on` is the day that was looked at:
-- what was left out, or waits, is looked at again once the installment has another one.
-- `channel`: of a message that failed and whose step goes on with the channels behind it.
create table dunning_steps (
  tenant_id bigint not null,
  installment_id varchar(64) not null,
  step varchar(40) not null,
  state varchar(16) not null check (state in ('PLANNED', 'SENT', 'SKIPPED')),
  planned_on date not null,
  due_on date not null,
  reason varchar(60),
  person_id bigint,
  message_id bigint,
  channel varchar(16) check (channel in ('WHATSAPP', 'EMAIL')),
  -- Ids, codes, days and counts: policyVersion, checks, and what each channel that did not go said.
  decision jsonb not null default '{}',
  decided_at timestamptz not null default now(),
  primary key (tenant_id, installment_id, step),
  foreign key (tenant_id, installment_id) references installments on delete cascade,
  foreign key (tenant_id, message_id) references chat_messages on delete set null (message_id),
  check (state <> 'SKIPPED' or reason is not null)
);

create index dunning_steps_waiting on dunning_steps (tenant_id, planned_on)
  where state = 'PLANNED';

create index dunning_steps_of_person on dunning_steps (tenant_id, person_id, planned_on)
  where state = 'SENT';

create index dunning_steps_of_message on dunning_steps (tenant_id, message_id)
  where message_id is not null;

create index installments_by_due_day on installments (tenant_id, due_on, installment_id);

create index movements_by_creation on movements (tenant_id, created_at);

create index tasks_of_dunning on tasks (tenant_id)
  where type = 'DUNNING_STEP' and state in ('PENDING', 'CLAIMED');

grant select, insert on dunning_policies to recado_functions;

grant select, insert, update on dunning_steps to recado_functions;
