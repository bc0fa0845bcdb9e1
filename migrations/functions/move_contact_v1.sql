-- Gives all that a contact has to another one of the same person, and removes it.
create or replace function move_contact_v1(tenant bigint, gone bigint, kept bigint)
returns void
language plpgsql volatile as $$
begin
  update contact_identities i set contact_id = kept
  where i.tenant_id = tenant and i.contact_id = gone;
  update chat_messages m set contact_id = kept
  from contacts c join chats h on h.tenant_id = c.tenant_id and h.person_id = c.person_id
  where c.tenant_id = tenant and c.contact_id = kept
    and m.tenant_id = tenant and m.chat_id = h.chat_id and m.contact_id = gone;

  insert into contact_senders (tenant_id, contact_id, sender_id, last_inbound_at)
  select s.tenant_id, kept, s.sender_id, s.last_inbound_at from contact_senders s
  where s.tenant_id = tenant and s.contact_id = gone
  on conflict (tenant_id, contact_id, sender_id) do update
  set last_inbound_at = greatest(contact_senders.last_inbound_at, excluded.last_inbound_at);
  delete from contact_senders s where s.tenant_id = tenant and s.contact_id = gone;

  perform record_opt_out_v1(tenant, kept, o.channel, o.category, o.source, o.opted_out_at),
    restore_opt_out_v1(tenant, kept, o.channel, o.category, o.restored_at)
  from opt_outs o where o.tenant_id = tenant and o.contact_id = gone;
  delete from opt_outs o where o.tenant_id = tenant and o.contact_id = gone;

  insert into portfolio_contacts (tenant_id, portfolio_id, contact_id, counted_at)
  select p.tenant_id, p.portfolio_id, kept, p.counted_at from portfolio_contacts p
  where p.tenant_id = tenant and p.contact_id = gone
  on conflict (tenant_id, portfolio_id, contact_id) do nothing;
  delete from portfolio_contacts p where p.tenant_id = tenant and p.contact_id = gone;
  update contacts c set retired_at = null
  from contacts g
  where c.tenant_id = tenant and c.contact_id = kept and c.retired_at is not null
    and g.tenant_id = tenant and g.contact_id = gone and g.retired_at is null;
  delete from pair_paces p where p.tenant_id = tenant and p.contact_id = gone;
  delete from contacts c where c.tenant_id = tenant and c.contact_id = gone;
end
$$;
