-- Whether a person's word stands against this message. ALL stops every template, and what is
-- written freely until the person writes again; MARKETING stops templates of that category.
create or replace function opted_out_v1(
  tenant bigint, contact bigint, lane text, is_template boolean, template_category text)
returns boolean
language sql stable
return exists (
  select 1 from opt_outs o
  where o.tenant_id = tenant and o.contact_id = contact and o.channel = lane
    and o.restored_at is null
    and case o.category
      when 'MARKETING' then coalesce(template_category = 'MARKETING', false)
      else is_template or not exists (
        select 1 from contact_senders l
        where l.tenant_id = tenant and l.contact_id = contact
          and l.last_inbound_at > o.opted_out_at)
      end);
