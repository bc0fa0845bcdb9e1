-- A person and all who were merged into it, however long the chain.
create or replace function persons_of_v1(tenant bigint, person bigint) returns bigint[]
language sql stable
return (
  with recursive same as (
    select person as person_id
    union
    select p.person_id from same s
    join persons p on p.tenant_id = tenant and p.merged_into_person_id = s.person_id)
  select array_agg(s.person_id) from same s);
