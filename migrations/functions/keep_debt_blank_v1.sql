-- What is told of an installment whose person is erased brings no text of the debt with it. The person's
-- row is held against an erasure that begins meanwhile, which would not see this one.
create or replace function keep_debt_blank_v1() returns trigger
language plpgsql volatile as $$
declare
  erased timestamptz;
begin
  select p.erased_at into erased from movements m
  join persons p on p.tenant_id = m.tenant_id and p.person_id = m.person_id
  where m.tenant_id = new.tenant_id and m.movement_id = new.movement_id
  for key share of p;
  if erased is not null then
    new.details := null;
    new.document_media_id := null;
  end if;
  return new;
end
$$;

create or replace trigger keep_debts_blank
before insert or update of details on installments
for each row when (new.details is not null)
execute function keep_debt_blank_v1();
