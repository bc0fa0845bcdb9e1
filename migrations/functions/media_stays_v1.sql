-- Why a file stays though it is past its time: legal-hold, in-use, or null: it may go.
create or replace function media_stays_v1(tenant bigint, media uuid, cutoff timestamptz) returns text
language sql volatile as $$
  select case
    when bool_or(p.legal_hold_at is not null) then 'legal-hold'
    when bool_or(w.is_waiting) or exists (select 1 from media_uploads u
      where u.tenant_id = tenant and u.media_id = media and u.uploaded_at >= cutoff)
      then 'in-use' end
  from media_people_v1(tenant, media) w
  cross join lateral (
    select o.legal_hold_at from persons o
    where o.tenant_id = tenant and o.person_id = w.person offset 0) p
$$;
