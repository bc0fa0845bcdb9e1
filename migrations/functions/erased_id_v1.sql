-- What stands for a provider's id once its message is blanked: WhatsApp's ids hold the number. Copies
-- and late reports are known by it. The ids have 64 random bits and more, so that nobody finds one
-- from its digest; the salt keeps tenants apart.
create or replace function erased_id_v1(tenant bigint, lane text, provider_id text) returns text
language sql stable
return (
  select 'erased:' || encode(sha256(convert_to(
    concat_ws(':', t.erasure_salt, lane, provider_id), 'UTF8')), 'hex')
  from tenants t where t.tenant_id = tenant and provider_id is not null
    and provider_id not like 'erased:%');
