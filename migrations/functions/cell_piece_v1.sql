-- A part of the bytes of one cell, which is larger than a row of the Data API.
--
-- input: tenantId, place, key, start (from 1), bytes
create or replace function cell_piece_v1(input jsonb) returns table (piece bytea)
language plpgsql volatile as $$
declare
  at record;
begin
  select p.* into at from sealed_places_v1() p where p.place = input ->> 'place';
  return query execute format(
    'select substring(t.%I from $2 for $3) from %I t where t.tenant_id = $1 and %s',
    at.cell, at.table_name, (
      select string_agg(format('t.%I = ($4 ->> %s)::%s', k.name, k.number - 1,
        format_type(a.atttypid, null)), ' and ')
      from unnest(at.keys) with ordinality as k (name, number)
      join pg_attribute a on a.attrelid = at.table_name::regclass and a.attname = k.name))
  using (input ->> 'tenantId')::bigint, (input ->> 'start')::integer, (input ->> 'bytes')::integer,
    input -> 'key';
end
$$;
