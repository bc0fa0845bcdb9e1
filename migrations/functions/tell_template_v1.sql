-- Tells that the provider gave a template another status or category.
create or replace function tell_template_v1() returns trigger
language plpgsql volatile as $$
begin
  insert into events (tenant_id, type, detail)
  values (new.tenant_id, 'template.changed', jsonb_strip_nulls(jsonb_build_object(
    'wabaId', new.waba_id,
    'name', new.name,
    'language', new.language,
    'status', new.status,
    'previousStatus', old.status,
    'category', new.category,
    'previousCategory', old.category,
    'acceptedCategory', new.accepted_category,
    'reason', new.reason)));
  return null;
end
$$;

create or replace trigger tell_changed_template after update on provider_templates
for each row when (
  old.status is distinct from new.status or old.category is distinct from new.category)
execute function tell_template_v1();
