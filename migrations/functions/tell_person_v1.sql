-- Tells that two persons turned out to be one.
create or replace function tell_person_v1() returns trigger
language plpgsql volatile as $$
begin
  insert into events (tenant_id, type, person_id, detail)
  values (new.tenant_id, 'person.merged', new.person_id,
    jsonb_build_object('mergedIntoPersonId', new.merged_into_person_id::text));
  return null;
end
$$;

create or replace trigger tell_merged_person after update on persons
for each row when (old.merged_into_person_id is null and new.merged_into_person_id is not null)
execute function tell_person_v1();
