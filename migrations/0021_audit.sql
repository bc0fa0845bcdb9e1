-- Who saw or changed what, why and when. A request writes its row in its own call; the rows of a
-- tenant are chained afterwards, in the order of (xid, audit_id) below the oldest running
-- transaction, where nothing can appear any more. Ids and codes only: whom an erasure removes is
-- named by an id that leads nowhere, and the chain stays whole.

create table audit_entries (
  tenant_id bigint not null references tenants,
  audit_id bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default now(),
  actor_kind varchar(16) not null check (actor_kind in ('client', 'operator')),
  -- The id of a client, the name of an operator.
  actor varchar(120) not null,
  -- The id of an operation of the API, or a command of operators.
  action varchar(60) not null,
  -- done, what a change became, or the code with which it was refused.
  outcome varchar(60) not null,
  purpose varchar(60) not null,
  request_id varchar(64),
  -- Kind of thing to the ids that were shown, changed or asked for: {"chat": ["1042"]}.
  objects jsonb not null default '{}',
  -- Whose it was at that time.
  person_ids bigint[] not null default '{}',
  primary key (tenant_id, xid, audit_id)
);

create index audit_by_time on audit_entries (tenant_id, at, audit_id);

create index audit_by_actor on audit_entries (tenant_id, actor_kind, actor, at, audit_id);

create index audit_of_persons on audit_entries using gin (person_ids);

-- Apart from the entries, which are never changed. `hash` covers the link before it and all of its
-- entry: see audit_link_v1.
create table audit_links (
  tenant_id bigint not null references tenants,
  position bigint not null check (position > 0),
  xid xid8 not null,
  audit_id bigint not null,
  hash bytea not null check (octet_length(hash) = 32),
  primary key (tenant_id, position)
);

-- Order and time of an entry are the database's to say.
grant insert (tenant_id, actor_kind, actor, action, outcome, purpose, request_id, objects,
  person_ids) on audit_entries to recado_functions;

grant insert on audit_links to recado_functions;

grant select on audit_entries, audit_links to recado_functions;
