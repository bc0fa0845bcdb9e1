-- Chains what is new in the audit, a bounded number of entries in all: whose entry waits longest comes
-- first, and all who wait get the same share, so that nobody's burst is in the way of others. A row of
-- each tenant that was chained or has a tail: how much was chained, whether more could be, and how old
-- the oldest entry without a link is.
--
-- input: most
create or replace function chain_audit_v1(input jsonb)
returns table (tenant_id text, chained integer, more boolean, tail_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  room integer := (input ->> 'most')::integer;
  waiting bigint[];
  share integer;
  tenant bigint;
  done integer;
  round_done integer;
  sums jsonb := '{}';
begin
  loop
    select array_agg(a.tenant_id order by a.oldest_at, a.tenant_id) into waiting
    from audit_tails_v1() a where a.is_ready;
    share := greatest(room / nullif(cardinality(waiting), 0), 1);
    round_done := 0;
    foreach tenant in array coalesce(waiting, '{}') loop
      exit when room = 0;
      done := chain_tenant_v1(tenant, least(share, room));
      room := room - done;
      round_done := round_done + done;
      sums := sums || jsonb_build_object(tenant,
        coalesce((sums ->> tenant::text)::integer, 0) + done);
    end loop;
    exit when room = 0 or round_done = 0;
  end loop;

  return query
  select coalesce(s.key, a.tenant_id::text), coalesce(s.value::integer, 0), room = 0,
    coalesce(extract(epoch from clock_timestamp() - a.oldest_at), 0)::double precision
  from jsonb_each_text(sums) s
  full join audit_tails_v1() a on a.tenant_id::text = s.key;
end
$$;
