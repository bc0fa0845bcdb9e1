-- Claims deliveries of events, as claim_jobs_v1 claims any job, with all that delivering needs.
--
-- input: see claim_jobs_v1
-- rows: without subscription_id the events are for the bus, or their subscription is gone.
create or replace function claim_event_deliveries_v1(input jsonb)
returns table (
  tenant_id text, task_id text, message_id text, payload text, fence text, attempts integer,
  tried_seconds double precision, subscription_id text, status text, url bytea,
  url_row_token text, secret bytea, secret_row_token text, previous_secret bytea,
  previous_secret_row_token text, held_seconds double precision,
  failing_seconds double precision, events text)
language sql volatile as $$
  select j.tenant_id::text, j.task_id::text, j.message_id::text, j.payload::text, j.fence::text,
    j.attempts,
    -- Of the row as it was before the claim: null is the first time.
    coalesce(extract(epoch from now() - t.first_attempt_at), 0)::double precision,
    s.subscription_id::text, s.status::text, s.url, s.url_row_token::text, s.secret,
    s.secret_row_token::text,
    case when s.previous_secret_until > now() then s.previous_secret end,
    s.previous_secret_row_token::text,
    greatest(0, extract(epoch from s.retry_at - now()))::double precision,
    coalesce(extract(epoch from now() - s.failing_since), 0)::double precision,
    coalesce(e.events, '[]')::text
  from claim_jobs_v1(input) j
  join tasks t on t.tenant_id = j.tenant_id and t.task_id = j.task_id
  left join subscriptions s on s.tenant_id = j.tenant_id
    and s.subscription_id = (j.payload ->> 'subscriptionId')::bigint
  left join lateral (
    select jsonb_agg(event_json_v1(v) order by v.xid, v.event_id) as events
    from jsonb_array_elements_text(
      coalesce(j.payload -> 'eventIds', jsonb_build_array(j.payload ->> 'eventId'))) w
    join events v on v.tenant_id = j.tenant_id and v.event_id = w.value::bigint) e on true
  order by j.tenant_id, j.task_id
$$;
