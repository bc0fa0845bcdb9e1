-- Takes an installment as an event tells it: of everything the newest event counts, of the status the
-- newest that says one. Any order and any number of copies end the same. The caller holds the lock of
-- its movement's id.
--
-- event: eventId, version, occurredAt, installment: {installmentId, movementId, number, total, dueOn,
--        amountCents, balanceCents, status?, paidAt?, details?, rowToken, documentMediaId?}
-- outcome: applied | stale
create or replace function apply_installment_v1(tenant bigint, event jsonb) returns text
language plpgsql volatile as $$
declare
  told constant jsonb := event -> 'installment';
  id constant text := event ->> 'eventId';
  new_version constant bigint := (event ->> 'version')::bigint;
  known installments%rowtype;
  is_newer boolean;
  says_newer boolean;
begin
  insert into installments (tenant_id, installment_id, movement_id, version, event_id, number, total,
    due_on, amount_cents, told_balance_cents, balance_cents, status, status_version,
    status_event_id, paid_at, details, row_token, document_media_id, occurred_at, is_waiting)
  values (tenant, told ->> 'installmentId', told ->> 'movementId', new_version, id,
    (told ->> 'number')::integer, (told ->> 'total')::integer, (told ->> 'dueOn')::date,
    (told ->> 'amountCents')::bigint, (told ->> 'balanceCents')::bigint,
    case when told ->> 'status' = 'PAID' then 0 else (told ->> 'balanceCents')::bigint end,
    coalesce(told ->> 'status', 'OPEN'),
    case when told ->> 'status' is null then 0 else new_version end,
    case when told ->> 'status' is null then '' else id end,
    (told ->> 'paidAt')::timestamptz, decode(told ->> 'details', 'base64'),
    (told ->> 'rowToken')::uuid, (told ->> 'documentMediaId')::uuid,
    (event ->> 'occurredAt')::timestamptz,
    not exists (select 1 from movements m
      where m.tenant_id = tenant and m.movement_id = told ->> 'movementId'))
  on conflict (tenant_id, installment_id) do nothing;
  if found then
    return 'applied';
  end if;

  select * into known from installments i
  where i.tenant_id = tenant and i.installment_id = told ->> 'installmentId'
  for no key update;
  is_newer := known.version < new_version
    or (known.version = new_version and known.event_id collate "C" < id);
  says_newer := told ->> 'status' is not null and (known.status_version < new_version
    or (known.status_version = new_version and known.status_event_id collate "C" < id));
  if not is_newer and not says_newer then
    return 'stale';
  end if;

  if is_newer then
    update installments i set movement_id = told ->> 'movementId', version = new_version,
      event_id = id, number = (told ->> 'number')::integer, total = (told ->> 'total')::integer,
      due_on = (told ->> 'dueOn')::date, amount_cents = (told ->> 'amountCents')::bigint,
      told_balance_cents = (told ->> 'balanceCents')::bigint,
      details = decode(told ->> 'details', 'base64'), row_token = (told ->> 'rowToken')::uuid,
      document_media_id = (told ->> 'documentMediaId')::uuid,
      occurred_at = (event ->> 'occurredAt')::timestamptz, updated_at = now()
    where i.tenant_id = tenant and i.installment_id = told ->> 'installmentId';
  end if;
  if says_newer then
    update installments i set status = told ->> 'status', status_version = new_version,
      status_event_id = id, paid_at = (told ->> 'paidAt')::timestamptz, updated_at = now()
    where i.tenant_id = tenant and i.installment_id = told ->> 'installmentId';
  end if;
  update installments i set balance_cents = case when i.status = 'PAID' then 0
    else coalesce(i.told_balance_cents, i.amount_cents) end,
    is_waiting = not exists (select 1 from movements m
      where m.tenant_id = tenant and m.movement_id = i.movement_id)
  where i.tenant_id = tenant and i.installment_id = told ->> 'installmentId';
  return 'applied';
end
$$;
