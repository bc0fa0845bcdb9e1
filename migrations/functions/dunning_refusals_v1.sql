-- Why each channel would not take a step's message now: {WHATSAPP?: code, EMAIL?: code}. A channel that
-- would take it is not named. Variables are not compared.
create or replace function dunning_refusals_v1(
  tenant bigint, person bigint, policy jsonb, wanted_step text)
returns jsonb
language sql volatile as $$
  select coalesce(jsonb_object_agg(c.channel, w.why) filter (where w.why is not null), '{}')
  from jsonb_array_elements(policy -> 'steps') s (step)
  cross join lateral jsonb_array_elements_text(s.step -> 'channels') c (channel)
  left join send_routes r on r.tenant_id = tenant and r.person_id = person
    and r.channel = c.channel
  left join lateral (
    select t.variables from templates t
    where t.tenant_id = tenant and t.name = s.step ->> 'template' and t.channel = c.channel
      and t.language = policy ->> 'language'
    order by t.version desc limit 1) known on true
  cross join lateral (
    select with_named_template_v1(tenant, c.channel, jsonb_build_object('named',
      jsonb_build_object('name', s.step ->> 'template', 'language', policy ->> 'language',
        'variables', coalesce(known.variables, '[]')))) as said) n
  cross join lateral (
    select case
      when r.contact_id is null then 'contact-missing'
      when r.sender_id is null then 'sender-missing'
      when n.said #>> '{named,why}' is not null then n.said #>> '{named,why}'
      else (select f.why from content_refusal_v2(tenant, r.contact_id, r.sender_id, n.said) f)
      end as why) w
  where s.step ->> 'name' = wanted_step
$$;
