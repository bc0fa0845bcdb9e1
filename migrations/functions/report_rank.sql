-- SENT < FAILED < DELIVERED < READ: a report only moves an attempt forward, in any order of
-- arrival. A failure after delivery is recorded, not applied.
create or replace function report_rank(status text) returns integer
language sql immutable
return case status when 'SENT' then 1 when 'FAILED' then 2 when 'DELIVERED' then 3 when 'READ' then 4 else 0 end;
