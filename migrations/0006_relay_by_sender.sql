-- The relay walks what is due sender by sender, and what has no sender apart.
create index tasks_due_by_sender on tasks (tenant_id, sender_id, due_at) where state = 'PENDING';

create index tasks_due_without_sender on tasks (due_at)
  where state = 'PENDING' and sender_id is null;
