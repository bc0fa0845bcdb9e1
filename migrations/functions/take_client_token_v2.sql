-- Takes one token from a client's bucket. No row updated: the client is unknown or out of tokens.
-- quota: {burst, ratePerSecond, left}, as the headers of the answer tell it; null: unknown client.
create or replace function take_client_token_v2(tenant bigint, client bigint)
returns table (outcome text, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  bucket clients%rowtype;
  refilled double precision;
begin
  select * into bucket from clients
  where tenant_id = tenant and client_id = client and disabled_at is null
  for no key update;
  if not found then
    return query select 'client-unknown', null::jsonb, 0::double precision;
    return;
  end if;
  refilled := least(
    bucket.burst,
    bucket.tokens + bucket.rate_per_second
      * greatest(0, extract(epoch from clock_timestamp() - bucket.tokens_at)));
  if refilled >= 1 then
    update clients set tokens = refilled - 1, tokens_at = clock_timestamp()
    where tenant_id = tenant and client_id = client;
  end if;
  return query select
    case when refilled < 1 then 'rate-limited' else 'taken' end,
    jsonb_build_object('burst', bucket.burst, 'ratePerSecond', bucket.rate_per_second,
      'left', floor(greatest(refilled - 1, 0))),
    greatest(1 - refilled, 0) / bucket.rate_per_second;
end
$$;
