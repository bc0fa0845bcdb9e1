-- Why a message about a debt must not go (any more): null while the debt is as it was decided upon, or
-- is not known here at all.
--
-- decision: status? (the one that the installment must have, default OPEN), dueOn?, balanceCents?,
-- personId? (who owes it)
create or replace function installment_refusal_v1(tenant bigint, installment text, decision jsonb)
returns text
language sql stable as $$
  select case
    when i.status = w.status and coalesce(m.status, 'OPEN') <> 'CANCELLED' then case
      when i.status <> 'OPEN' then null
      when i.due_on <> (decision ->> 'dueOn')::date then 'installment-moved'
      when i.balance_cents <> (decision ->> 'balanceCents')::bigint then 'installment-changed'
      when m.person_id <> w.debtor and w.debtor <> all (persons_of_v1(tenant, m.person_id))
        then 'installment-changed' end
    when i.status = 'PAID' then 'installment-paid'
    when i.status = 'RENEGOTIATED' then 'installment-renegotiated'
    when i.status = 'OPEN' and coalesce(m.status, 'OPEN') <> 'CANCELLED' then 'installment-changed'
    else 'installment-cancelled' end
  from installments i
  cross join (select coalesce(decision ->> 'status', 'OPEN') as status,
    (decision ->> 'personId')::bigint as debtor) w
  left join movements m on m.tenant_id = i.tenant_id and m.movement_id = i.movement_id
  where i.tenant_id = tenant and i.installment_id = installment
$$;
