-- The functions' role reads and writes rows and calls functions; it owns nothing and cannot
-- change the schema. Its password is set by the runner from the role's secret.
do $$
begin
  create role recado_functions login;
exception
  -- Roles belong to the server, not to one database: another runner may have made it.
  when duplicate_object or unique_violation then null;
end
$$;

grant usage on schema public to recado_functions;

grant select, insert, update on all tables in schema public to recado_functions;

grant delete on idempotency_keys to recado_functions;

grant usage on all sequences in schema public to recado_functions;

alter default privileges in schema public grant execute on functions to recado_functions;
