-- Of two reasons against one address the stronger one stands, whichever came first.
create or replace function suppression_strength(reason text) returns integer
language sql immutable
return case reason when 'complaint' then 6 when 'hard-bounce' then 5 when 'provider-list' then 4
  when 'manual' then 3 when 'unsubscribed' then 2 else 1 end;
