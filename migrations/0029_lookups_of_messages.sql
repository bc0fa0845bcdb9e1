-- As of chats and persons (0013): of a tenant that came after the last ANALYZE the planner would read
-- all reports to find those of one message.
alter table message_status alter column tenant_id set statistics 0;
