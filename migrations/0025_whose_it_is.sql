-- Whose what was not taken in is, so that an erasure finds it: keyed hashes as identities and external
-- ids have them, of whoever wrote an item or whom it is about, as far as it could be told.
alter table parked_items add column authors bytea[] not null default '{}';

-- Set by the mark of an erasure, which takes the hashes away that led here.
alter table parked_items add column person_id bigint;

alter table parked_items add foreign key (tenant_id, person_id) references persons;

create index parked_items_of_authors on parked_items using gin (authors);

create index parked_items_of_person on parked_items (tenant_id, person_id, parked_item_id)
  where person_id is not null;

grant update (person_id) on parked_items to recado_functions;

-- Mails as they came in lie in SES's bucket for 30 days: one row for each tenant that a mail was for.
create table raw_mails (
  tenant_id bigint not null references tenants,
  raw_mail_id bigint generated always as identity,
  object_key varchar(1024) not null,
  -- The message that was made of it; null: it was parked.
  message_id bigint,
  authors bytea[] not null default '{}',
  -- Whose erasure takes it.
  person_id bigint,
  received_at timestamptz not null,
  primary key (tenant_id, raw_mail_id),
  unique (tenant_id, object_key),
  foreign key (tenant_id, message_id) references chat_messages,
  foreign key (tenant_id, person_id) references persons
);

create index raw_mails_of_authors on raw_mails using gin (authors);

create index raw_mails_of_message on raw_mails (tenant_id, message_id)
  where message_id is not null;

create index raw_mails_of_person on raw_mails (tenant_id, person_id, raw_mail_id)
  where person_id is not null;

create index raw_mails_by_age on raw_mails (tenant_id, received_at);

grant select, insert, update (message_id, person_id), delete on raw_mails to recado_functions;
