-- What is not final, for the operators' list; READ, FAILED and the like never come back to it.
create index messages_not_final on chat_messages (created_at)
  where direction = 'OUTBOUND' and status in ('QUEUED', 'SENDING', 'SENT', 'UNKNOWN');
