-- Stores a tenant's next policy, if the newest version is the one that was seen; what is stored already
-- is no change, whatever was seen. No row: somebody else was first.
create or replace function put_dunning_policy_v1(tenant bigint, wanted jsonb, seen integer)
returns table (version integer, policy jsonb, created_at timestamptz)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  newest dunning_policies%rowtype;
begin
  perform pg_advisory_xact_lock(hashtextextended('put_dunning_policy_v1:' || tenant, 0));
  select * into newest from dunning_policies p where p.tenant_id = tenant
  order by p.version desc limit 1;
  if newest.policy = wanted then
    return query select newest.version, newest.policy, newest.created_at;
  elsif coalesce(newest.version, 0) = seen then
    return query
    insert into dunning_policies as p (tenant_id, version, policy)
    values (tenant, seen + 1, wanted)
    returning p.version, p.policy, p.created_at;
  end if;
end
$$;
