-- What one batch of a tenant's cleanup would do; nothing is changed.
--
-- input: tenantId, stage (null: the first), after, most
create or replace function preview_cleanup_v1(input jsonb)
returns table (stage text, changed integer, held jsonb, then_stage text, then_after jsonb)
language sql volatile as $$
  select b.at_stage, b.changed, b.held, b.then_stage, b.then_after
  from clean_stage_v1((input ->> 'tenantId')::bigint, input ->> 'stage',
    nullif(input -> 'after', 'null'), (input ->> 'most')::integer, true) b
$$;
