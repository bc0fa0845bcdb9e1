-- RFC 3339 in UTC with milliseconds. The Data API drops the zone of a timestamptz.
create or replace function iso_utc(instant timestamptz) returns text
language sql stable
return to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
