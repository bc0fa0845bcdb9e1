-- Takes one token from a client's bucket. No row updated: the client is unknown or out of tokens.
create or replace function take_client_token_v1(tenant bigint, client bigint)
returns table (outcome text, tokens_left integer, retry_after_seconds double precision)
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
    return query select 'client-unknown', 0, 0::double precision;
    return;
  end if;
  refilled := least(
    bucket.burst,
    bucket.tokens + bucket.rate_per_second
      * greatest(0, extract(epoch from clock_timestamp() - bucket.tokens_at)));
  if refilled < 1 then
    return query select 'rate-limited', 0, (1 - refilled) / bucket.rate_per_second;
    return;
  end if;
  update clients set tokens = refilled - 1, tokens_at = clock_timestamp()
  where tenant_id = tenant and client_id = client;
  return query select 'taken', floor(refilled - 1)::integer, 0::double precision;
end
$$;
