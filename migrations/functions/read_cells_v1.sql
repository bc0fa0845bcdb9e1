-- The next cells that a task has to seal anew, under its claim. No row: the claim is over.
--
-- input: tenantId, taskId, fence, scan, most
-- rows: as old_cells_v1, with where they stand; the one without row_token has what the task is to
--       remember once they are sealed: then_place (null: all places were walked) and the key in it
create or replace function read_cells_v1(input jsonb)
returns table (
  place text, key text, row_token text, size integer, cell bytea, sealed_table text,
  sealed_column text, then_place text)
language sql volatile as $$
  with task as (
    select t.tenant_id, coalesce(t.payload ->> 'place', (
        select p.place from sealed_places_v1() p limit 1)) as place,
      nullif(t.payload -> 'after', 'null') as after
    from tasks t
    where t.tenant_id = (input ->> 'tenantId')::bigint
      and t.task_id = (input ->> 'taskId')::bigint
      and t.fence = (input ->> 'fence')::bigint and t.state = 'CLAIMED'
  )
  select k.place, c.key::text, c.row_token, c.size, c.cell, p.sealed_table, p.sealed_column,
    case when c.row_token is null then
      case when c.key is null then next_place_v1(k.place) else k.place end end
  from task k
  join sealed_places_v1() p on p.place = k.place
  cross join lateral old_cells_v1(k.tenant_id, k.place, k.after, (input ->> 'scan')::integer,
    (input ->> 'most')::integer) c
$$;
