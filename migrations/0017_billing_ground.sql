-- What messages from templates of ours and from the debts of a finance system stand on.

-- A tenant's own templates: each change is a new version, and messages name the one they were made
-- with. `source` is a TemplateSource (shared/domain/message-template.ts), `variables` the names that
-- it uses. One of WhatsApp is bound to Meta's approved copy: `provider_name` and `provider_language`,
-- and `shape` is what a send of it brings (shared/domain/template-shape.ts). No personal data.
create table templates (
  tenant_id bigint not null references tenants,
  name varchar(64) not null,
  channel varchar(16) not null check (channel in ('WHATSAPP', 'EMAIL')),
  language varchar(16) not null,
  version integer not null check (version >= 1),
  source jsonb not null,
  variables jsonb not null default '[]',
  category varchar(16) check (category in ('transactional', 'marketing')),
  provider_name varchar(512),
  provider_language varchar(32),
  shape jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant_id, name, channel, language, version),
  check ((channel = 'WHATSAPP') = (provider_name is not null and shape is not null))
);

-- What a business sold, as its finance system tells it; the ids are that system's.
-- `details`: {description, companyName?, nfseLink?}, sealed.
create table movements (
  tenant_id bigint not null references tenants,
  movement_id varchar(64) not null,
  version bigint not null,
  person_id bigint not null,
  status varchar(16) not null check (status in ('OPEN', 'CANCELLED')),
  amount_cents bigint not null check (amount_cents > 0),
  currency char(3) not null check (currency = 'BRL'),
  details bytea,
  row_token uuid not null,
  occurred_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, movement_id),
  foreign key (tenant_id, person_id) references persons
);

create index movements_of_person on movements (tenant_id, person_id);

-- What is to be paid and when. An installment may be told before its movement: it waits, and nothing
-- goes out for it. `details`: {paymentLink?, pixCode?, boletoLine?, documentMediaId?}, sealed.
create table installments (
  tenant_id bigint not null references tenants,
  installment_id varchar(64) not null,
  movement_id varchar(64) not null,
  version bigint not null,
  number integer not null check (number >= 1),
  total integer not null check (total >= 1),
  due_on date not null,
  amount_cents bigint not null check (amount_cents > 0),
  balance_cents bigint not null check (balance_cents >= 0),
  status varchar(16) not null check (status in ('OPEN', 'PAID', 'CANCELLED', 'RENEGOTIATED')),
  paid_at timestamptz,
  details bytea,
  row_token uuid not null,
  occurred_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, installment_id)
);

create index installments_of_movement on installments (tenant_id, movement_id, number);

create index installments_open on installments (tenant_id, due_on, installment_id)
  where status = 'OPEN';

-- Where somebody is, when it is known better than by the area code of a phone.
alter table persons add column time_zone varchar(64);

alter table persons add column state varchar(2);

-- The company's own place, for its calendar: a state, and a city as the calendars name it.
alter table tenants add column state varchar(2);

alter table tenants add column city varchar(80);

-- The template of ours that a message is made of.
alter table chat_messages add column named_template varchar(64);

alter table chat_messages add column named_template_language varchar(16);

alter table chat_messages add column named_template_version integer;

-- The debt that a message is about, as it was when the message was decided upon.
alter table chat_messages add column installment_id varchar(64);

alter table chat_messages add column installment_version bigint;

-- Why a message went out: rule, step, what was checked and when. Ids, codes and times only.
alter table chat_messages add column decision jsonb;

create index messages_of_installment on chat_messages (tenant_id, installment_id, message_id)
  where installment_id is not null;

grant select, insert on templates to recado_functions;

grant select, insert, update on movements, installments to recado_functions;
