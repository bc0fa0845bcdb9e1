-- The hash of a link: SHA-256 over the link before it (32 zero bytes before the first), its own
-- position and every column of its entry. shared/domain/audit-chain.ts says the same again.
create or replace function audit_link_v1(before bytea, place bigint, e audit_entries) returns bytea
language sql stable
return sha256(before || audit_field_v1(place::text) || audit_field_v1(e.tenant_id::text)
  || audit_field_v1(e.xid::text) || audit_field_v1(e.audit_id::text)
  || audit_field_v1((extract(epoch from e.at) * 1000000)::bigint::text)
  || audit_field_v1(e.actor_kind) || audit_field_v1(e.actor) || audit_field_v1(e.action)
  || audit_field_v1(e.outcome) || audit_field_v1(e.purpose) || audit_field_v1(e.request_id)
  || audit_field_v1(e.objects::text) || audit_field_v1(array_to_string(e.person_ids, ',')));
