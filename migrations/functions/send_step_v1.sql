-- Gives the message of a step to the first of its channels that takes it, in the person's ACTIVE chat,
-- which is opened if there is none and the person can be reached.
--
-- looked, decided: see book_step_v1
-- message_id null: no channel took it; `refused`: what each one said, `why` the first of them;
-- is_passing: one of them may take it another day.
create or replace function send_step_v1(
  tenant bigint, looked jsonb, decided jsonb, out message_id bigint, out task_id bigint,
  out wake_in_seconds integer, out channel text, out refused jsonb, out why text,
  out is_passing boolean)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  owner bigint := (decided ->> 'personId')::bigint;
  merged_into bigint;
  is_erased boolean;
  chat bigint;
  wanted text;
  taken record;
begin
  is_passing := false;
  loop
    select p.merged_into_person_id, p.erased_at is not null into merged_into, is_erased
    from persons p
    where p.tenant_id = tenant and p.person_id = owner
    for no key update;
    exit when merged_into is null;
    owner := merged_into;
  end loop;
  if is_erased then
    why := 'erased';
    return;
  end if;
  select c.chat_id into chat from chats c
  where c.tenant_id = tenant and c.person_id = owner and c.status = 'ACTIVE'
  for no key update;
  if not found then
    perform 1 from jsonb_array_elements_text(decided -> 'channels') w (channel)
    join send_routes r on r.tenant_id = tenant and r.person_id = owner and r.channel = w.channel
    where r.contact_id is not null;
    if not found then
      why := 'contact-missing';
      refused := (select jsonb_object_agg(w.channel, why)
        from jsonb_array_elements_text(decided -> 'channels') w (channel));
      return;
    end if;
    insert into chats (tenant_id, person_id) values (tenant, owner) returning chat_id into chat;
  end if;

  for wanted in select c.value from jsonb_array_elements_text(decided -> 'channels') c loop
    select t.* into taken from take_message_v1(jsonb_build_object(
      'tenantId', tenant, 'chatId', chat, 'channel', wanted, 'said', decided -> 'said',
      'sendAt', case when (decided ->> 'sendAt')::timestamptz > now()
        then decided ->> 'sendAt' end,
      'expiresAt', decided ->> 'expiresAt',
      'horizonSeconds', looked -> 'horizonSeconds',
      'installment', jsonb_build_object('id', decided ->> 'installmentId',
        'version', decided ->> 'installmentVersion'),
      'decision', (decided -> 'trace') || jsonb_strip_nulls(jsonb_build_object(
        'channel', wanted, 'refused', refused, 'decidedAt', iso_utc(now()),
        'templateVersion', with_named_template_v1(tenant, wanted, decided -> 'said')
          #> '{named,version}')))) t;
    if taken.outcome = 'accepted' then
      message_id := taken.message_id;
      task_id := taken.task_id;
      wake_in_seconds := taken.wake_in_seconds;
      channel := wanted;
      return;
    end if;
    refused := coalesce(refused, '{}') || jsonb_build_object(wanted, taken.outcome);
    why := coalesce(why, taken.outcome);
    is_passing := is_passing
      or taken.outcome in ('unique-users-limit', 'charged-limit', 'mail-paused', 'template-paused');
  end loop;
end
$$;
