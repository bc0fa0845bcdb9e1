-- The file that the sealed details of an installment name, so that it is found when its person is
-- erased, sent or not.
alter table installments add column document_media_id uuid;

create index installments_of_document on installments (tenant_id, document_media_id)
  where document_media_id is not null;
