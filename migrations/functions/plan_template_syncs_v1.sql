-- Plans a sync of the templates of every WhatsApp account that has senders: none while one waits,
-- and only so many in a while, because Meta limits the calls that manage an account.
--
-- input: tenantId (null: all tenants), most, whileSeconds
-- rows: one an account; state: planned (its task is to be woken), pending, limited
create or replace function plan_template_syncs_v1(input jsonb)
returns table (
  tenant_id text, waba_id text, state text, task_id text, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  wanted constant bigint := (input ->> 'tenantId')::bigint;
  most constant integer := (input ->> 'most')::integer;
  while_lasting constant interval :=
    (input ->> 'whileSeconds')::double precision * interval '1 second';
  account record;
  planned bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('plan_template_syncs_v1', 0));
  for account in
    select s.tenant_id, s.waba_id, recent.count, recent.first_at, exists (
        select 1 from tasks t
        where t.tenant_id = s.tenant_id and t.type = 'TEMPLATE_SYNC'
          and t.payload ->> 'wabaId' = s.waba_id and t.state = 'PENDING') as is_pending
    from (select distinct d.tenant_id, d.waba_id from senders d
      where d.channel = 'WHATSAPP' and (wanted is null or d.tenant_id = wanted)) s
    cross join lateral (select count(*), min(t.created_at) as first_at from tasks t
      where t.tenant_id = s.tenant_id and t.type = 'TEMPLATE_SYNC'
        and t.payload ->> 'wabaId' = s.waba_id and t.created_at > now() - while_lasting) recent
    order by s.tenant_id, s.waba_id
  loop
    planned := null;
    if not account.is_pending and account.count < most then
      insert into tasks (tenant_id, type, payload, due_at)
      values (account.tenant_id, 'TEMPLATE_SYNC',
        jsonb_build_object('wabaId', account.waba_id), now())
      returning tasks.task_id into planned;
    end if;
    return query select account.tenant_id::text, account.waba_id::text,
      case when account.is_pending then 'pending' when planned is null then 'limited'
        else 'planned' end,
      planned::text,
      greatest(0, extract(epoch from account.first_at + while_lasting - now()))::double precision;
  end loop;
end
$$;
