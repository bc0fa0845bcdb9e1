-- Lets what a webhook tells of a template change our copy of it, each part only forward in the
-- provider's time (whole seconds), and not behind what was synced since.
--
-- change: wabaId, providerTemplateId?, name?, language?, status?, reason?, quality?, category?,
--         isRewritten?
create or replace function change_template_v1(
  tenant bigint, change jsonb, happened_at timestamptz) returns void
language sql volatile as $$
  with known as (
    select p.waba_id, p.name, p.language from provider_templates p
    where p.tenant_id = tenant and p.waba_id = change ->> 'wabaId'
      and (p.provider_template_id = change ->> 'providerTemplateId'
        or (p.name = change ->> 'name' and p.language = change ->> 'language'))
      and (p.synced_at is null or happened_at >= date_trunc('second', p.synced_at))
    order by p.provider_template_id = change ->> 'providerTemplateId' desc nulls last
    limit 1
    for no key update
  )
  update provider_templates p set
    status = case when n.status then change ->> 'status' else p.status end,
    reason = case when n.status then change ->> 'reason' else p.reason end,
    status_at = case when n.status then happened_at else p.status_at end,
    quality = case when n.quality then change ->> 'quality' else p.quality end,
    quality_at = case when n.quality then happened_at else p.quality_at end,
    category = case when n.category then change ->> 'category' else p.category end,
    category_at = case when n.category then happened_at else p.category_at end,
    synced_at = case when change -> 'isRewritten' is null then p.synced_at end,
    updated_at = now()
  from known k
  join provider_templates o on o.tenant_id = tenant and o.waba_id = k.waba_id
    and o.name = k.name and o.language = k.language
  cross join lateral (select
    change ->> 'status' is not null and happened_at >= coalesce(o.status_at, '-infinity')
      as status,
    change ->> 'quality' is not null and happened_at >= coalesce(o.quality_at, '-infinity')
      as quality,
    change ->> 'category' is not null and happened_at >= coalesce(o.category_at, '-infinity')
      as category) n
  where p.tenant_id = tenant and p.waba_id = k.waba_id and p.name = k.name
    and p.language = k.language
$$;
