-- A message that was sent again names the one it repeats; when that one is gone, it stands alone.
alter table chat_messages add column resend_of_message_id bigint;

alter table chat_messages add foreign key (tenant_id, resend_of_message_id) references chat_messages
  on delete set null (resend_of_message_id);

create index resends_of_message on chat_messages (tenant_id, resend_of_message_id)
  where resend_of_message_id is not null;
