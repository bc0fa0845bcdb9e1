-- A value as the chain hashes it: its length in four bytes, then UTF-8; null has no length at all, so
-- that no two rows have the same bytes.
create or replace function audit_field_v1(value text) returns bytea
language sql immutable
return case when value is null then '\xffffffff'::bytea
  else int4send(octet_length(convert_to(value, 'UTF8'))) || convert_to(value, 'UTF8') end;
