-- What is said, with what the newest version of the template of ours that it names adds to it: the
-- version, the category of a mail, and on WhatsApp Meta's copy that it is bound to. Without such a
-- template, or where a variable of it is missing or of another type, it says so in `named.why`. What is sent again keeps
-- the version that it has.
--
-- said.named: {name, language, variables: [name], valueTypes?: {name: type}, filesMayStay?} or {name, language, version}; added:
-- version, or why: template-missing | template-parameters with `expected`: the names that the template
-- uses, the types of those that are no texts, and on WhatsApp how many files its header shows. filesMayStay: what it does not show is left.
create or replace function with_named_template_v1(tenant bigint, wanted_channel text, said jsonb)
returns jsonb
language plpgsql stable as $$
declare
  named constant jsonb := said -> 'named';
  known templates%rowtype;
  files integer;
begin
  if named is null or named ? 'version' then
    return said;
  end if;
  select * into known from templates t
  where t.tenant_id = tenant and t.name = named ->> 'name' and t.channel = wanted_channel
    and t.language = named ->> 'language'
  order by t.version desc limit 1;
  if not found then
    return jsonb_set(said, '{named,why}', '"template-missing"');
  end if;
  if wanted_channel = 'WHATSAPP' and named ? 'filesMayStay' and not known.source ? 'headerMedia' then
    said := said || '{"mediaIds": []}';
  end if;
  files := case when wanted_channel = 'WHATSAPP' then (known.source ? 'headerMedia')::integer end;
  if not named -> 'variables' @> known.variables
    or not coalesce(named -> 'valueTypes', known.value_types) @> known.value_types
    or files <> jsonb_array_length(coalesce(said -> 'mediaIds', '[]'))
  then
    return jsonb_set(said, '{named}', named || jsonb_build_object(
      'why', 'template-parameters', 'expected', jsonb_strip_nulls(jsonb_build_object(
        'variables', known.variables, 'valueTypes', nullif(known.value_types, '{}'),
        'attachments', files))));
  end if;
  return said || jsonb_strip_nulls(jsonb_build_object(
    'named', named || jsonb_build_object('version', known.version),
    'category', known.category,
    'template', case when known.provider_name is not null then jsonb_build_object(
      'name', known.provider_name, 'language', known.provider_language, 'shape', known.shape) end));
end
$$;
