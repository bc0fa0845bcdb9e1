-- The functions' role writes what the roads write. Companies, keys, numbers and limits belong to
-- operators, who act as the schema's owner. Identity columns need no right on their sequence.
revoke insert, update, delete on all tables in schema public from recado_functions;

revoke select on schema_migrations from recado_functions;

revoke usage on all sequences in schema public from recado_functions;

grant insert, update on persons, contacts, contact_senders, chats, chat_messages, tasks,
  send_attempts, message_status, idempotency_keys, sender_paces, pair_paces, portfolio_contacts,
  portfolio_hours, charged_days to recado_functions;

grant insert on contact_identities, parked_items, task_failures to recado_functions;

grant delete on idempotency_keys to recado_functions;

-- A program's bucket; the history that Meta turned out not to keep; a dead letter put back.
grant update (tokens, tokens_at) on clients to recado_functions;

grant update (history_probe) on senders to recado_functions;

grant update (resolved_at) on task_failures to recado_functions;

-- Claims lock the row of a portfolio, and PostgreSQL lets only those lock a row who may update some
-- column of it: this one is for nothing else and stays null.
alter table portfolios add column locked_at timestamptz;

grant update (locked_at) on portfolios to recado_functions;
