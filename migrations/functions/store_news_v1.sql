-- Stores news of accounts once each and lets those of templates change our copies. Answers what
-- was new: [{tenantId, topic, severity, subject}].
--
-- news: [{tenantId, channel, topic, severity, subject?, hash, raw, occurredAt, template?: see
--       change_template_v1}]
create or replace function store_news_v1(news jsonb) returns jsonb
language plpgsql volatile as $$
declare
  item jsonb;
  told jsonb := '[]';
begin
  for item in
    select n.value from jsonb_array_elements(news) with ordinality n
    order by n.value ->> 'occurredAt', n.ordinality
  loop
    insert into account_events
      (tenant_id, channel, kind, severity, subject, event_hash, raw, occurred_at)
    values ((item ->> 'tenantId')::bigint, item ->> 'channel', item ->> 'topic',
      item ->> 'severity', item ->> 'subject', decode(item ->> 'hash', 'base64'),
      convert_to(item ->> 'raw', 'UTF8'), (item ->> 'occurredAt')::timestamptz)
    on conflict (tenant_id, event_hash) do nothing;
    continue when not found;
    told := told || (item - 'raw' - 'hash' - 'template');
    if item -> 'template' is not null then
      perform change_template_v1((item ->> 'tenantId')::bigint, item -> 'template',
        (item ->> 'occurredAt')::timestamptz);
    end if;
  end loop;
  return told;
end
$$;
