-- Lets a client hand in business events: they go to a queue next, whether or not they went before; what
-- was applied once is known by the events' own ids.
--
-- input: see begin_request_v1
-- outcome: go | replayed | key-mismatch | client-unknown | rate-limited
create or replace function receive_business_events_v1(input jsonb)
returns table (outcome text, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  request record;
begin
  select * into request from begin_request_v1(input) r;
  if request.outcome = 'go' then
    perform end_request_v1(input, '{}');
  end if;
  return query select request.outcome, request.quota, request.retry_after_seconds;
end
$$;
