-- SENT < FAILED < DELIVERED < READ < HARD_FAILED: a report only moves an attempt forward, in any
-- order of arrival. A failure after delivery is recorded, not applied, unless it is a hard one, which
-- mails alone have. What is no status (an open, a complaint) has no rank.
create or replace function report_rank(status text) returns integer
language sql immutable
return case status when 'SENT' then 1 when 'FAILED' then 2 when 'DELIVERED' then 3 when 'READ' then 4
  when 'HARD_FAILED' then 5 else 0 end;
