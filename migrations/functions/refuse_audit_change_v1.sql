-- The audit is append-only, for its owner too.
create or replace function refuse_audit_change_v1() returns trigger
language plpgsql as $$
begin
  raise exception 'the audit is append-only' using errcode = 'insufficient_privilege';
end
$$;

create or replace trigger audit_entries_stay
before update or delete or truncate on audit_entries
for each statement execute function refuse_audit_change_v1();

create or replace trigger audit_links_stay
before update or delete or truncate on audit_links
for each statement execute function refuse_audit_change_v1();

create or replace trigger audit_persons_stay
before update or delete or truncate on audit_persons
for each statement execute function refuse_audit_change_v1();
