-- Takes more tokens of the bucket that this request has begun with, one for each further thing that
-- it asks for; no more than the bucket can hold. All of them or none.
-- outcome: taken | rate-limited; quota as of take_client_token_v2
create or replace function take_more_tokens_v1(tenant bigint, client bigint, wanted integer)
returns table (outcome text, quota jsonb, retry_after_seconds double precision)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  bucket clients%rowtype;
  price double precision;
  enough boolean;
begin
  select * into bucket from clients
  where tenant_id = tenant and client_id = client
  for no key update;
  price := least(wanted, bucket.burst - 1);
  enough := bucket.tokens >= price;
  if enough then
    update clients set tokens = bucket.tokens - price
    where tenant_id = tenant and client_id = client;
  end if;
  return query select
    case when enough then 'taken' else 'rate-limited' end,
    jsonb_build_object('burst', bucket.burst, 'ratePerSecond', bucket.rate_per_second,
      'left', floor(bucket.tokens - case when enough then price else 0 end)),
    -- The one that the request begins with is due again too.
    greatest(price + 1 - bucket.tokens, 0) / bucket.rate_per_second;
end
$$;
