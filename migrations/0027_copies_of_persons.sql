-- What a copy of everything that is kept of a person looks things up by.
create index business_events_of_thing on business_events (tenant_id, thing_id);

create index dunning_steps_of_whom on dunning_steps (tenant_id, person_id)
  where person_id is not null;
