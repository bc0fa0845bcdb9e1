-- Cells of a place that are sealed under an older epoch than the tenant's newest: of the next `scan`
-- rows in the order of the key, at most `most` cells and some 400 KB. A cell over 40 KB comes without
-- its bytes.
--
-- after: the key of the last row seen, null: from the beginning
-- rows: cells (key, row_token, size, cell); and one without row_token, whose key is where to go on,
--       null when the place has no more
create or replace function old_cells_v1(
  tenant bigint, wanted_place text, after jsonb, scan integer, most integer)
returns table (key jsonb, row_token text, size integer, cell bytea)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  at record;
  key_list text;
  key_json text;
  key_types text[];
  beyond text;
  newest integer;
begin
  select p.* into at from sealed_places_v1() p where p.place = wanted_place;
  select max(k.epoch) into newest from tenant_keys k where k.tenant_id = tenant;
  select string_agg(format('t.%I', k.name), ', ' order by k.number),
    string_agg(format('t.%I::text', k.name), ', ' order by k.number),
    string_agg(format('($2 ->> %s)::%s', k.number - 1, format_type(a.atttypid, null)), ', '
      order by k.number)
  into key_list, key_json, beyond
  from unnest(at.keys) with ordinality as k (name, number)
  join pg_attribute a on a.attrelid = at.table_name::regclass and a.attname = k.name;
  return query execute format($q$
    with seen as materialized (
      select jsonb_build_array(%2$s) as key, row_number() over (order by %1$s) as number,
        case when octet_length(t.%3$I) >= 31 and get_byte(substring(t.%3$I from 1 for 1), 0) = 1
          and get_byte(substring(t.%3$I from 2 for 1), 0) * 256
            + get_byte(substring(t.%3$I from 3 for 1), 0) < $5
          then octet_length(t.%3$I) end as size
      from %4$I t
      where t.tenant_id = $1 %6$s
      order by %1$s limit $3
    ), old as (
      select s.*, row_number() over w as place,
        sum(case when s.size <= 40000 then s.size else 0 end) over w as bytes
      from seen s where s.size is not null window w as (order by s.number)
    ), taken as (
      select o.* from old o where o.place <= $4 and (o.bytes <= 400000 or o.place = 1)
    ), cells as (
      select k.number, k.key, %5$s::text as row_token, k.size,
        case when k.size <= 40000 then t.%3$I end as cell
      from taken k join %4$I t on t.tenant_id = $1 and %7$s
    ), ended as (
      select case when (select count(*) from taken) < (select count(*) from old)
          then (select max(k.number) from taken k) else max(s.number) end as number,
        count(*) = $3 or (select count(*) from taken) < (select count(*) from old) as goes_on
      from seen s
    )
    select r.key, r.row_token, r.size, r.cell from (
      select c.number, c.key, c.row_token, c.size, c.cell from cells c
      union all
      select null, case when e.goes_on then s.key end, null, null, null
      from ended e left join seen s on s.number = e.number) r
    order by r.number nulls last
  $q$, key_list, key_json, at.cell, at.table_name, at.row_token,
    case when after is not null then format('and (%s) > (%s)', key_list, beyond) else '' end,
    (select string_agg(format('t.%I = (k.key ->> %s)::%s', k.name, k.number - 1,
        format_type(a.atttypid, null)), ' and ')
      from unnest(at.keys) with ordinality as k (name, number)
      join pg_attribute a on a.attrelid = at.table_name::regclass and a.attname = k.name))
  using tenant, after, scan, most, newest;
end
$$;
