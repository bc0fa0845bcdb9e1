-- Marks messages from templates that Meta has under MARKETING: their contents are kept for as long as
-- marketing is.
create or replace function class_message_v1() returns trigger
language plpgsql stable as $$
begin
  new.purpose := (
    select 'marketing' from provider_templates p
    join senders s on s.tenant_id = p.tenant_id and s.waba_id = p.waba_id
    where s.tenant_id = new.tenant_id and s.sender_id = new.sender_id
      and p.name = new.template_name and p.language = new.template_language
      and p.category = 'MARKETING');
  return new;
end
$$;

create or replace trigger class_message before insert or update of template_name on chat_messages
for each row when (new.direction = 'OUTBOUND' and new.template_name is not null)
execute function class_message_v1();
