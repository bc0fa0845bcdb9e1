-- Whether mails of this category wait: a tenant whose mails bounce too often sends no marketing until
-- somebody resumes it. What people asked for goes on.
create or replace function mail_paused_v1(tenant bigint, mail_category text) returns boolean
language sql stable
return coalesce(mail_category = 'marketing', false) and exists (
  select 1 from tenants t where t.tenant_id = tenant and t.mail_paused_at is not null);
