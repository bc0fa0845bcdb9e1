-- What every request of the API shares: the answer that a repeated request gets again, and the
-- version of a chat that a change names.

-- The first answer, as the function gave it: ids, states and sealed cells.
alter table idempotency_keys add column answer jsonb;

alter table idempotency_keys alter column resource_id drop not null;

alter table idempotency_keys alter column answer_status drop not null;

alter table chats add column version bigint not null default 1;

create function count_chat_version() returns trigger
language plpgsql as $$
begin
  new.version := old.version + 1;
  return new;
end
$$;

-- Every road that changes a chat counts, whoever builds it.
create trigger chats_version before update on chats
for each row when (old.* is distinct from new.*) execute function count_chat_version();
