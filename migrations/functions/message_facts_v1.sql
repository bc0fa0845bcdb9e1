-- What the rules go by when they judge a message, as it stands now; null: there is no such chat.
--
-- input: see take_message_v1; pacing: slotToleranceSeconds, pairIntervalSeconds, pairBurst
-- answer: contactKnown, senderKnown, serviceWindow: {open, expiresAt?, enforced}?, template: {name,
--        language, category?, acceptedCategory?, status?}?, optOuts: [{category, optedOutAt}],
--        optedOut, limits: {uniqueUsers: {limit, room}?, chargedMessages: {limit, left}?},
--        holds: [{reason, until}]
create or replace function message_facts_v1(input jsonb) returns jsonb
language plpgsql volatile as $$
declare
  tenant constant bigint := (input ->> 'tenantId')::bigint;
  lane constant text := input ->> 'channel';
  wanted constant jsonb := coalesce(input #> '{said,template}', input #> '{fallback,template}');
  category constant text := upper(input #>> '{said,category}');
  route record;
  owner tenants%rowtype;
  our_sender senders%rowtype;
  known provider_templates%rowtype;
begin
  select r.contact_id, r.sender_id, r.last_inbound_at into route from chats c
  left join send_routes r
    on r.tenant_id = c.tenant_id and r.person_id = c.person_id and r.channel = lane
  where c.tenant_id = tenant and c.chat_id = (input ->> 'chatId')::bigint;
  if not found then
    return null;
  end if;
  select t.* into owner from tenants t where t.tenant_id = tenant;
  select s.* into our_sender from senders s
  where s.tenant_id = tenant and s.sender_id = route.sender_id;
  select p.* into known from provider_templates p
  where p.tenant_id = tenant and p.waba_id = our_sender.waba_id
    and p.name = wanted ->> 'name' and p.language = wanted ->> 'language';

  return jsonb_strip_nulls(jsonb_build_object(
    'contactKnown', route.contact_id is not null,
    'senderKnown', route.sender_id is not null,
    'serviceWindow', case lane when 'WHATSAPP' then jsonb_build_object(
      'open', window_open_v1(tenant, route.contact_id, route.sender_id),
      'expiresAt', iso_utc(route.last_inbound_at + interval '24 hours'),
      'enforced', owner.service_window = 'enforced') end,
    'template', case when wanted ->> 'name' is not null then jsonb_build_object(
      'name', wanted ->> 'name', 'language', wanted ->> 'language', 'category', known.category,
      'acceptedCategory', known.accepted_category, 'status', known.status) end,
    'optOuts', coalesce((
      select jsonb_agg(jsonb_build_object(
        'category', o.category, 'optedOutAt', iso_utc(o.opted_out_at)) order by o.category)
      from opt_outs o
      where o.tenant_id = tenant and o.contact_id = route.contact_id and o.channel = lane
        and o.restored_at is null), '[]'),
    'optedOut', opted_out_v1(tenant, route.contact_id, lane,
      input #> '{said,template}' is not null or category is not distinct from 'MARKETING'
        or (input -> 'fallback' is not null
          and not window_open_v1(tenant, route.contact_id, route.sender_id)),
      coalesce(known.category, category)),
    'limits', jsonb_build_object(
      'uniqueUsers', (
        select jsonb_build_object('limit', f.unique_users_limit,
          'room', portfolio_room_v1(tenant, route.sender_id, route.contact_id, false))
        from portfolios f
        where f.tenant_id = tenant and f.portfolio_id = our_sender.portfolio_id
          and f.unique_users_limit is not null),
      'chargedMessages', case when owner.charged_per_day is not null and lane = 'WHATSAPP' then
        jsonb_build_object('limit', owner.charged_per_day, 'left', greatest(0,
          owner.charged_per_day - coalesce((
            select d.messages from charged_days d
            where d.tenant_id = tenant
              and d.day = (now() at time zone owner.time_zone)::date), 0))) end),
    'holds', coalesce((
      select jsonb_agg(jsonb_build_object('reason', h.reason, 'until', iso_utc(h.until))
        order by h.until, h.reason)
      from send_holds_v1(tenant, route.sender_id, route.contact_id, input -> 'pacing') h), '[]')));
end
$$;
