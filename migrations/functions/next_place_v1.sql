-- The place of sealed cells that comes after this one; null: it was the last.
create or replace function next_place_v1(place text) returns text
language sql immutable as $$
  select n.next from (
    select p.place, lead(p.place) over (order by p.number) as next
    from (select s.place, s.number from sealed_places_v1() with ordinality as s (
      place, table_name, keys, cell, row_token, sealed_table, sealed_column, number)) p) n
  where n.place = next_place_v1.place
$$;
