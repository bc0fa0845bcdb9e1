-- Everything that grows with traffic has an end: see test/contract/ends-of-rows.test.ts.

-- What the finance system told and what was written about it is the proof of both: as long as the debt
-- can be claimed. The ladder looks back over a year and a half at most.
alter table tenants add column billing_days integer default 1825
  check (billing_days between 730 and 3650);

-- Null: it has gone, nobody cared for it in time.
alter table task_failures alter column body drop not null;

alter table account_events alter column raw drop not null;

create index task_failures_open_by_age on task_failures (tenant_id, created_at)
  where resolved_at is null;

create index dunning_steps_by_age on dunning_steps (tenant_id, decided_at, installment_id, step);

grant delete on business_events, dunning_steps, portfolio_hours, charged_days to recado_functions;

grant update (body) on task_failures to recado_functions;

-- Whose each chained entry of the audit is, in the order of time: no index over an array has one. Made
-- with the chain, a minute later, so that a request that shows a list of people writes one row.
create table audit_persons (
  -- What references would hold, the entry does: twenty checks an entry are half of what chaining takes.
  tenant_id bigint not null,
  person_id bigint not null,
  at timestamptz not null,
  audit_id bigint not null,
  xid xid8 not null,
  primary key (tenant_id, person_id, at, audit_id)
);

insert into audit_persons (tenant_id, person_id, at, audit_id, xid)
select distinct e.tenant_id, p.person_id, e.at, e.audit_id, e.xid
from audit_entries e
join audit_links l on l.tenant_id = e.tenant_id and l.xid = e.xid and l.audit_id = e.audit_id
cross join lateral unnest(e.person_ids) p (person_id);

grant select, insert on audit_persons to recado_functions;
