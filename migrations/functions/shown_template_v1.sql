-- A template of the tenant's own as its store reads it, without its source.
create or replace function shown_template_v1(t templates) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'name', t.name, 'channel', t.channel, 'language', t.language, 'version', t.version,
    'category', t.category, 'variables', t.variables,
    'providerTemplate', case when t.provider_name is not null then jsonb_build_object(
      'name', t.provider_name, 'language', t.provider_language) end,
    'createdAt', iso_utc(t.created_at))
$$;
