-- An installment with what a step of it is decided by and says, sealed cells in base64. What is not
-- open brings its state alone. siblings: [number, total, dueOn, balanceCents]; short, and no more than
-- 600, because the Data API refuses a row over 64 KB after the commit, of the message too.
create or replace function dunning_debt_v1(tenant bigint, installment varchar) returns jsonb
language sql stable as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'installmentId', i.installment_id,
    'installmentVersion', i.version::text,
    'number', i.number, 'total', i.total, 'dueOn', i.due_on, 'balanceCents', i.balance_cents,
    'status', i.status,
    'movement', case when m.movement_id is not null then jsonb_build_object(
      'status', m.status, 'createdAt', iso_utc(m.created_at)) end,
    'personId', m.person_id::text
  ) || case when i.status <> 'OPEN' or m.status is distinct from 'OPEN' then '{}' else
    jsonb_build_object(
      'details', translate(encode(i.details, 'base64'), e'\n', ''), 'token', i.row_token,
      'bill', jsonb_build_object('amountCents', m.amount_cents,
        'details', translate(encode(m.details, 'base64'), e'\n', ''), 'token', m.row_token),
      'person', (
        select jsonb_build_object('name', encode(p.name, 'base64'), 'token', p.row_token,
          'state', p.state, 'timeZone', p.time_zone,
          'phone', case when p.state is null then (
            select jsonb_build_object('value', encode(k.value, 'base64'), 'token', k.row_token)
            from contacts c
            join contact_identities k on k.tenant_id = tenant and k.contact_id = c.contact_id
              and k.kind = 'phone' and k.superseded_at is null
            where c.tenant_id = tenant and c.person_id = p.person_id and c.channel = 'WHATSAPP'
              and c.retired_at is null
            order by c.contact_id limit 1) end)
        from persons p where p.tenant_id = tenant and p.person_id = m.person_id),
      'siblings', (
        select jsonb_agg(jsonb_build_array(o.number, o.total, o.due_on, o.balance_cents)
          order by o.number)
        from (
          select * from installments o
          where o.tenant_id = tenant and o.movement_id = i.movement_id and o.status = 'OPEN'
            and i.total > 1
          order by o.number limit 600) o)) end)
  from installments i
  left join movements m on m.tenant_id = tenant and m.movement_id = i.movement_id
  where i.tenant_id = tenant and i.installment_id = installment
$$;
