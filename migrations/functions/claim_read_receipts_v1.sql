-- Claims read receipts as any job, with what the provider must be told. Input: see claim_jobs_v1.
create or replace function claim_read_receipts_v1(input jsonb)
returns table (
  tenant_id text, task_id text, message_id text, payload text, fence text, attempts integer,
  provider_message_id text, phone_number_id text, secret_name text, typing boolean)
language sql volatile as $$
  select j.tenant_id::text, j.task_id::text, j.message_id::text, j.payload::text, j.fence::text,
    j.attempts, m.provider_message_id::text, s.phone_number_id::text, s.secret_name::text,
    coalesce((j.payload ->> 'typingUntil')::timestamptz > now(), false)
  from claim_jobs_v1(input) j
  join chat_messages m on m.tenant_id = j.tenant_id and m.message_id = j.message_id
  join senders s on s.tenant_id = m.tenant_id and s.sender_id = m.sender_id
$$;
