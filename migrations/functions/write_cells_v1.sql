-- Puts cells that were sealed anew in the place of the old ones, where those are still there, and lets
-- the task remember how far it came. Null: the claim is over, and nothing was written.
--
-- input: tenantId, taskId, fence, leaseSeconds, place, cells: [{key, was (sha256 of the old cell),
--        cell} in base64], thenPlace, thenAfter
create or replace function write_cells_v1(input jsonb) returns integer
language plpgsql volatile as $$
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  at record;
  matches text;
  written integer := 0;
begin
  perform 1 from tasks t
  where t.tenant_id = tenant and t.task_id = (input ->> 'taskId')::bigint
    and t.fence = (input ->> 'fence')::bigint and t.state = 'CLAIMED'
  for no key update;
  if not found then
    return null;
  end if;
  if jsonb_array_length(input -> 'cells') > 0 then
    select p.* into at from sealed_places_v1() p where p.place = input ->> 'place';
    select string_agg(format('t.%I = (c.value -> ''key'' ->> %s)::%s', k.name, k.number - 1,
      format_type(a.atttypid, null)), ' and ') into matches
    from unnest(at.keys) with ordinality as k (name, number)
    join pg_attribute a on a.attrelid = at.table_name::regclass and a.attname = k.name;
    execute format($q$
      with locked as (
        select c.value from jsonb_array_elements($2) c
        join %1$I t on t.tenant_id = $1 and %2$s
        order by %4$s
        for no key update of t
      )
      update %1$I t set %3$I = decode(c.value ->> 'cell', 'base64')
      from locked c
      where t.tenant_id = $1 and %2$s
        and sha256(t.%3$I) = decode(c.value ->> 'was', 'base64')
    $q$, at.table_name, matches, at.cell,
      (select string_agg(format('t.%I', k), ', ') from unnest(at.keys) k))
    using tenant, input -> 'cells';
    get diagnostics written = row_count;
  end if;
  update tasks t set updated_at = now(),
    payload = jsonb_build_object('place', input -> 'thenPlace', 'after', input -> 'thenAfter'),
    lease_until = now() + (input ->> 'leaseSeconds')::double precision * interval '1 second'
  where t.tenant_id = tenant and t.task_id = (input ->> 'taskId')::bigint;
  return written;
end
$$;
