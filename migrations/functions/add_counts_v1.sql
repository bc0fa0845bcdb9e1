-- Two objects of counts as one.
create or replace function add_counts_v1(one jsonb, other jsonb) returns jsonb
language sql immutable
return (
  select coalesce(jsonb_object_agg(k.key, k.total), '{}') from (
    select e.key, sum(e.value::bigint) as total from (
      select * from jsonb_each_text(coalesce(one, '{}'))
      union all
      select * from jsonb_each_text(coalesce(other, '{}'))) e
    group by e.key) k);
