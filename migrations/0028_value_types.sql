-- What a template of ours makes of a variable, where that is more than a text: {name: count |
-- installments | bill}. Older versions name none, and are compared by names alone.
alter table templates add column value_types jsonb not null default '{}';
