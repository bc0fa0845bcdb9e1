import type pg from 'pg'

/**
 * Triggers of the harness's own, in a schema of its own: every status that a message showed and
 * every outcome that an attempt had, in order. `began_at` is the start of the transaction.
 */
export async function installAudit(owner: pg.Pool): Promise<void> {
  await owner.query(auditSql)
}

const auditSql = `
create schema harness;

create table harness.shown (
  step bigint generated always as identity primary key,
  message_id bigint not null, was text, became text not null, reason text,
  began_at timestamptz not null default now());

create table harness.tried (
  step bigint generated always as identity primary key,
  message_id bigint not null, attempt_id uuid not null, was text, became text not null,
  story_was text, story text, began_at timestamptz not null default now());

create index on harness.shown (message_id);
create index on harness.tried (attempt_id);
create index on harness.tried (message_id);

create function harness.note_shown() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into harness.shown (message_id, was, became, reason)
  values (new.message_id, case tg_op when 'UPDATE' then old.status end, new.status, new.reason);
  return null;
end $$;

create function harness.note_tried() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into harness.tried (message_id, attempt_id, was, became, story_was, story)
  values (new.message_id, new.attempt_id, case tg_op when 'UPDATE' then old.outcome end,
    new.outcome, case tg_op when 'UPDATE' then old.reported_status end, new.reported_status);
  return null;
end $$;

create trigger harness_born after insert on public.chat_messages
for each row execute function harness.note_shown();
create trigger harness_changed after update on public.chat_messages
for each row when (old.status is distinct from new.status)
execute function harness.note_shown();
create trigger harness_born after insert on public.send_attempts
for each row execute function harness.note_tried();
create trigger harness_changed after update on public.send_attempts
for each row when (old.outcome is distinct from new.outcome
  or old.reported_status is distinct from new.reported_status)
execute function harness.note_tried();

-- The order of the lattice, not asked of the product.
create function harness.rank(status text) returns integer language sql immutable
return case status when 'SENT' then 1 when 'FAILED' then 2 when 'DELIVERED' then 3
  when 'READ' then 4 else 0 end;

-- The ledgers, loaded when all is quiet.
create table harness.l_post (key text primary key, chat_id bigint);
create table harness.l_ack (
  key text, at timestamptz, status integer, body text, message_id bigint, other boolean);
create table harness.l_call (
  turn bigint primary key, at timestamptz, attempt_id uuid, phone_number_id text,
  accepted boolean, meant text, status integer, wamid text);
create table harness.l_event (
  turn bigint primary key, kind text, wamid text, attempt_id uuid, status text, told boolean);
create table harness.l_planted (queue text, queue_message_id text);
create table harness.l_forged (wamid text);
create index on harness.l_ack (message_id);
create index on harness.l_call (attempt_id);
create index on harness.l_event (wamid);
`
