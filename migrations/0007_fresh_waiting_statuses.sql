create index statuses_waiting_since on message_status (created_at) where message_id is null;
