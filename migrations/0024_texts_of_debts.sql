-- The file that the sealed details of an installment name, so that it is found when its person is
-- erased, sent or not.
alter table installments add column document_media_id uuid;

create index installments_of_document on installments (tenant_id, document_media_id)
  where document_media_id is not null;

-- Texts of debts that are still there, by when they were last told of.
create index installments_with_details on installments (tenant_id, updated_at, installment_id)
  where details is not null;

create index movements_with_details on movements (tenant_id, updated_at, movement_id)
  where details is not null;
