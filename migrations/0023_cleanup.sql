-- How long what is kept: set for each tenant, null means without end. What the functions
-- `clean_*_v1` remove, and what they need to find it.

-- A chat in which nothing happened for so long is closed; one that has been closed for so long is
-- archived, and never before its time to be reopened is over.
alter table tenants add column close_after_days integer default 30
  check (close_after_days between 1 and 3650);

alter table tenants add column archive_after_days integer default 90
  check (archive_after_days between 1 and 3650);

-- Contents, by purpose: five years are how long a debt can be claimed (Código Civil, art. 206, § 5).
alter table tenants add column transactional_days integer default 1825
  check (transactional_days between 1 and 3650);

alter table tenants add column marketing_days integer default 180
  check (marketing_days between 1 and 3650);

alter table tenants add column inbound_days integer default 1825
  check (inbound_days between 1 and 3650);

alter table tenants add column media_days integer default 365
  check (media_days between 1 and 3650);

-- What only the machine needs: ended tasks; bodies as providers sent them.
alter table tenants add column task_days integer not null default 30
  check (task_days between 1 and 3650);

alter table tenants add column raw_days integer not null default 7
  check (raw_days between 1 and 3650);

-- Nothing of whoever is held is removed.
alter table persons add column if not exists legal_hold_at timestamptz;

-- `marketing` of a template that Meta has under MARKETING; see class_message_v1.
alter table chat_messages add column purpose varchar(16) check (purpose = 'marketing');

-- Contents that are still there, by what they were written for.
create index messages_with_contents on chat_messages (tenant_id, (case
    when direction = 'INBOUND' then 'inbound'
    else coalesce(purpose, category, 'transactional') end), created_at, message_id)
  where content is not null or metadata is not null or fallback_content is not null;

-- What of a chat may still move.
create index messages_not_final_of_chat on chat_messages (tenant_id, chat_id)
  where direction = 'OUTBOUND' and status in ('QUEUED', 'SENDING', 'SENT', 'UNKNOWN');

-- When the bytes were taken out of the bucket.
alter table media add column removed_at timestamptz;

create index media_kept on media (tenant_id, created_at, media_id) where removed_at is null;

create index parked_items_by_age on parked_items (tenant_id, created_at);

create index statuses_waiting_by_age on message_status (tenant_id, created_at)
  where message_id is null;

create index task_failures_by_age on task_failures (tenant_id, created_at)
  where resolved_at is not null;

create index account_events_by_age on account_events (tenant_id, created_at);

-- Sends stay with their message: their attempts name them, and what is sent again reads them.
create index tasks_ended on tasks (tenant_id, updated_at)
  where state in ('DONE', 'CANCELLED', 'DEAD') and type not in ('MESSAGE_SEND', 'EVENT_DELIVERY');

create index tasks_upkeep on tasks (tenant_id, type, created_at)
  where type in ('CHAT_CLEANUP', 'RESEAL');

grant delete on parked_items, message_status, task_failures, account_events
  to recado_functions;

-- A new epoch is read by everybody before anybody seals under it.
alter table tenant_keys add column seals_from timestamptz not null default now();

-- Cells are sealed anew under a new epoch.
grant update (value) on contact_identities, suppressions to recado_functions;
