-- Takes a movement as an event tells it, unless a newer event was there before. Of one whose person was
-- erased nothing of a person is taken. The caller holds the identities' locks.
--
-- event: eventId, version, occurredAt, movement: {movementId, status, amountCents, currency, details,
--        rowToken, person: see apply_debtor_v1}
-- outcome: applied | stale; notice: see apply_debtor_v1
create or replace function apply_movement_v1(
  tenant bigint, event jsonb, out outcome text, out notice text)
language plpgsql volatile as $$
declare
  told constant jsonb := event -> 'movement';
  new_version constant bigint := (event ->> 'version')::bigint;
  owner bigint;
  is_erased boolean;
begin
  perform 1 from movements m
  where m.tenant_id = tenant and m.movement_id = told ->> 'movementId'
    and (m.version > new_version
      or (m.version = new_version and m.event_id collate "C" > event ->> 'eventId'))
  for no key update;
  if found then
    outcome := 'stale';
    return;
  end if;
  select p.person_id into owner from movements m
  join persons p on p.tenant_id = m.tenant_id and p.person_id = m.person_id
  where m.tenant_id = tenant and m.movement_id = told ->> 'movementId' and p.erased_at is not null;
  is_erased := found;
  if not is_erased then
    select d.person, d.notice into owner, notice from apply_debtor_v1(tenant, told -> 'person') d;
  end if;
  insert into movements as m (tenant_id, movement_id, version, event_id, person_id, status,
    amount_cents, currency, details, row_token, occurred_at)
  values (tenant, told ->> 'movementId', new_version, event ->> 'eventId', owner,
    told ->> 'status', (told ->> 'amountCents')::bigint, told ->> 'currency',
    case when not is_erased then decode(told ->> 'details', 'base64') end,
    (told ->> 'rowToken')::uuid,
    (event ->> 'occurredAt')::timestamptz)
  on conflict (tenant_id, movement_id) do update set version = excluded.version,
    event_id = excluded.event_id, person_id = excluded.person_id, status = excluded.status,
    amount_cents = excluded.amount_cents, currency = excluded.currency, details = excluded.details,
    row_token = excluded.row_token, occurred_at = excluded.occurred_at, updated_at = now()
  where m.version < excluded.version
    or (m.version = excluded.version and m.event_id collate "C" < excluded.event_id);
  outcome := case when found then 'applied' else 'stale' end;
  update installments i set is_waiting = false
  where i.tenant_id = tenant and i.movement_id = told ->> 'movementId' and i.is_waiting;
end
$$;
