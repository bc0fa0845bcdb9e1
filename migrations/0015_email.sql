-- What a mail needs beyond a message: who it is from and where answers come in, a token that names
-- the chat to whoever answers, and the ids that hold a thread together.

alter table senders add column from_name varchar(200);

-- Mail to any address of this domain reaches us: answers go to chat+<token>@<domain>.
alter table senders add column reply_domain varchar(253);

alter table senders add column configuration_set varchar(64);

-- Where unsubscribing with one click is taken, without a slash at its end (RFC 8058: https).
alter table senders add column unsubscribe_url varchar(500);

-- Names the chat in the address that answers go to; told to nobody but its person.
alter table chats add column mail_token varchar(32) not null
  default replace(gen_random_uuid()::text, '-', '');

create unique index chats_by_mail_token on chats (tenant_id, mail_token);

-- The Message-ID header of an inbound mail: what an answer to it refers to.
alter table chat_messages add column mail_id varchar(998);

create index messages_by_mail_id on chat_messages (tenant_id, mail_id) where mail_id is not null;

-- A mail that was delivered may bounce for good hours later.
alter table send_attempts drop constraint send_attempts_reported_status_check;

alter table send_attempts add constraint send_attempts_reported_status_check
  check (reported_status in ('SENT', 'FAILED', 'DELIVERED', 'READ', 'HARD_FAILED'));
