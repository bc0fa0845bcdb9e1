-- The one call of an inbound mail, which may be of several tenants when it went to several: each notes
-- the raw mail as its own.
--
-- input: mails: [see store_mail_v2 and keep_raw_mail_v1, with parkedAs: {hash, raw}]; parked:
--        [{tenantId, reason, hash, raw}], of what is nobody's or nobody may see; those of a tenant as
--        keep_raw_mail_v1 takes them too
-- rows: of each mail its outcome (stored | copy | parked) and reason, with the task to wake, if any
create or replace function store_mails_v1(input jsonb)
returns table (
  outcome text, reason text, type text, tenant_id text, task_id text, wake_in_seconds integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  item jsonb;
  done record;
begin
  perform lock_identities_v1((
    select array_agg(k.key) from jsonb_array_elements(input -> 'mails') m
    cross join lateral (
      select concat_ws(':', m.value ->> 'tenantId', 'EMAIL', i.value ->> 'kind', i.value ->> 'hash')
        as key
      from jsonb_array_elements(m.value -> 'identities') i
      union all
      select concat_ws(':', m.value ->> 'tenantId', 'EMAIL', 'mail',
        coalesce(m.value ->> 'mailId', m.value ->> 'providerMessageId'))) k)
    || author_locks_v1((input -> 'mails') || (input -> 'parked')));
  for item in
    select m.value from jsonb_array_elements(input -> 'mails') m
    order by (m.value ->> 'tenantId')::bigint
  loop
    select * into done from store_mail_v2(item) s;
    if done.outcome = 'parked' then
      perform park_mail_v1(item -> 'parkedAs' || jsonb_build_object(
        'tenantId', item -> 'tenantId', 'reason', done.why, 'authors',
        coalesce(item -> 'authors', '[]')));
    end if;
    perform keep_raw_mail_v1(item, done.message);
    return query select done.outcome, done.why, t.type::text, t.tenant_id::text, t.task_id::text, 0
    from (values (1)) v (one)
    left join tasks t on t.tenant_id = (item ->> 'tenantId')::bigint and t.task_id = done.task;
  end loop;
  for item in select p.value from jsonb_array_elements(input -> 'parked') p loop
    perform park_mail_v1(item);
    perform keep_raw_mail_v1(item, null);
    return query select 'parked', item ->> 'reason', null::text, null::text, null::text,
      null::integer;
  end loop;
end
$$;
