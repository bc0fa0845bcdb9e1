-- Why a content must not go to this contact: an opt-out, its address being suppressed, or the state
-- of its template at Meta; null: it may. What is written freely has no template; the shape of one is
-- compared where it is given, and `expected` is the one that Meta's copy has. Nothing is known of the
-- templates of a sender that was never synced. What the caller has to mend comes before what Meta
-- has done.
--
-- said: template: {name, language, shape?}?, category? (of a mail: transactional | marketing)
create or replace function content_refusal_v2(
  tenant bigint, contact bigint, sender bigint, said jsonb, out why text, out expected jsonb)
language plpgsql stable as $$
declare
  template constant jsonb := said -> 'template';
  category constant text := upper(said ->> 'category');
  our_sender senders%rowtype;
  known provider_templates%rowtype;
begin
  select s.* into our_sender from senders s
  where s.tenant_id = tenant and s.sender_id = sender;
  select p.* into known from provider_templates p
  where p.tenant_id = tenant and p.waba_id = our_sender.waba_id
    and p.name = template ->> 'name' and p.language = template ->> 'language';

  if opted_out_v1(tenant, contact, our_sender.channel,
    template is not null or category is not distinct from 'MARKETING',
    coalesce(known.category, category))
  then
    why := 'opted-out';
  elsif suppressed_v1(tenant, contact, coalesce(known.category, category)) then
    why := 'suppressed';
  elsif template ->> 'name' is not null and our_sender.templates_synced_at is not null then
    why := case
      when known.name is null then 'template-missing'
      when known.shape <> template -> 'shape' then 'template-parameters'
      when known.category <> known.accepted_category then 'template-recategorised'
      when known.status = 'PAUSED' then 'template-paused'
      when known.status = 'DISABLED' then 'template-disabled'
      when known.status <> 'APPROVED' then 'template-not-approved'
    end;
    expected := case why when 'template-parameters' then known.shape end;
  end if;
end
$$;
