-- Every column that holds cells sealed under a tenant's key, in the order in which they are sealed
-- anew. `row_token`: what the cell is bound to, an expression over the row `t`; `sealed_table` and
-- `sealed_column`: the names that it is bound to, where they are not its own.
create or replace function sealed_places_v1()
returns table (
  place text, table_name text, keys text[], cell text, row_token text, sealed_table text,
  sealed_column text)
language sql immutable as $$
  select format('%s.%s', p.table_name, p.cell), p.table_name, p.keys, p.cell, p.row_token,
    coalesce(p.sealed_table, p.table_name), coalesce(p.sealed_column, p.cell)
  from (values
    (1, 'persons', '{person_id}'::text[], 'external_id',
      $t$encode(t.external_id_hash, 'base64')$t$, null, null),
    (2, 'persons', '{person_id}', 'name', 't.row_token', null, null),
    (3, 'contact_identities', '{channel,kind,value_hash}', 'value', 't.row_token', null, null),
    (4, 'chat_messages', '{message_id}', 'fallback_content', 't.fallback_row_token', null,
      'content'),
    (5, 'chat_messages', '{message_id}', 'content', 't.row_token', null, null),
    (6, 'chat_messages', '{message_id}', 'metadata', 'coalesce(t.metadata_row_token, t.row_token)',
      null, null),
    (7, 'message_status', '{status_id}', 'detail', 't.row_token', null, null),
    (8, 'message_status', '{status_id}', 'recipient', 't.row_token', 'suppressions', 'value'),
    (9, 'suppressions', '{suppression_id}', 'value', 't.row_token', null, null),
    (10, 'media', '{media_id}', 'filename', 't.row_token', null, null),
    (11, 'media', '{media_id}', 'provider_media_id', 't.row_token', null, null),
    (12, 'media_uploads', '{media_id,sender_id}', 'provider_media_id', 't.row_token', null, null),
    (13, 'subscriptions', '{subscription_id}', 'url', 't.url_row_token', null, null),
    (14, 'subscriptions', '{subscription_id}', 'previous_secret', 't.previous_secret_row_token',
      null, 'secret'),
    (15, 'subscriptions', '{subscription_id}', 'secret', 't.secret_row_token', null, null),
    (16, 'movements', '{movement_id}', 'details', 't.row_token', null, null),
    (17, 'installments', '{installment_id}', 'details', 't.row_token', null, null)
  ) as p (number, table_name, keys, cell, row_token, sealed_table, sealed_column)
  where to_regclass(p.table_name) is not null
  order by p.number
$$;
