import type { Invariant } from './invariants.ts'

const finalStates = `'SENT','DELIVERED','READ','FAILED','EXPIRED','CANCELLED'`

/** What holds for messages that clients post, their attempts and their tasks. */
export const messageInvariants: readonly Invariant[] = [
  {
    name: 'A',
    says: 'every client that insists is told 202 in the end',
    sql: `select p.key as id,
        (select string_agg(concat(a.status, ' ', left(a.body, 200)), ' | ') from harness.l_ack a
          where a.key = p.key and not a.other) as answers
      from harness.l_post p
      where not exists (select 1 from harness.l_ack a where a.key = p.key and a.status = 202)`,
  },
  {
    name: 'I1',
    says: 'a message that was answered 202 exists and is final',
    sql: `select distinct a.message_id as id, m.status, m.reason from harness.l_ack a
      left join chat_messages m on m.message_id = a.message_id
      where a.status = 202 and (m.message_id is null
        or not (m.status in (${finalStates}) or (m.status = 'UNKNOWN' and coalesce(m.reason, '') = 'unresolved')))`,
  },
  {
    name: 'I2',
    says: 'one message for each key, the same answer each time, another body refused',
    sql: `select key as id, 'answers differ' as why from harness.l_ack
      where status between 200 and 299 group by key having count(distinct body) > 1
      union all
      select key, concat('other body: ', status) from harness.l_ack
      where other and status is not null and status < 500 and status not in (422, 429)
      union all
      select min(key), concat('keys share message ', message_id) from harness.l_ack
      where status = 202 group by message_id having count(distinct key) > 1
      union all
      select m.message_id::text, 'a message of nobody''s key' from chat_messages m
      where m.direction = 'OUTBOUND'
        and not exists (select 1 from harness.l_ack a where a.message_id = m.message_id)`,
  },
  {
    name: 'I3',
    says: 'each provider call belongs to an attempt that was claimed before, and is the only one',
    sql: `select c.turn::text as id, c.attempt_id, c.at, s.claimed_at from harness.l_call c
      left join send_attempts s on s.attempt_id = c.attempt_id
      where s.attempt_id is null or date_trunc('milliseconds', s.claimed_at) > c.at
      union all
      select min(c.turn)::text, c.attempt_id, min(c.at), max(c.at) from harness.l_call c
      group by c.attempt_id having count(*) > 1
      union all
      select c.turn::text, c.attempt_id, c.at, null from harness.l_call c
      join send_attempts s on s.attempt_id = c.attempt_id
      join chat_messages m on m.tenant_id = s.tenant_id and m.message_id = s.message_id
      join senders n on n.tenant_id = m.tenant_id and n.sender_id = m.sender_id
      where n.phone_number_id <> c.phone_number_id`,
  },
  {
    name: 'I4',
    says: 'an attempt begins when the one before was certainly over',
    sql: `select b.attempt_id as id, b.message_id, a.attempt_id as before, a.outcome, b.claimed_at
      from send_attempts a
      join send_attempts b on b.tenant_id = a.tenant_id and b.message_id = a.message_id
        and b.number > a.number
      where b.fence <= a.fence or not exists (
        select 1 from harness.tried t where t.attempt_id = a.attempt_id
          and t.became in ('REJECTED', 'NOT_CALLED', 'ABANDONED') and t.began_at <= b.claimed_at)`,
  },
  {
    name: 'I5',
    says: 'at most one acceptance more than there were abandoned attempts; one under at-most-once',
    sql: `with accepted as (
        select s.message_id, count(*) as times from harness.l_call c
        join send_attempts s on s.attempt_id = c.attempt_id
        where c.accepted group by s.message_id)
      select m.message_id as id, m.delivery_policy, m.possible_duplicate, a.times from accepted a
      join chat_messages m on m.message_id = a.message_id
      where a.times > 1 + case when m.delivery_policy = 'at-most-once' then 0 else (
          select count(distinct t.attempt_id) from harness.tried t
          where t.message_id = m.message_id and t.became = 'ABANDONED') end
        or (a.times > 1 and not m.possible_duplicate)`,
  },
  {
    name: 'I7',
    says: 'what a message shows never goes back',
    sql: `select h.message_id as id, h.step, h.was, h.became, h.reason from harness.shown h
      where (coalesce(h.was, ''), h.became) not in (
          ('', 'QUEUED'), ('', 'RECEIVED'),
          ('QUEUED', 'SENDING'), ('QUEUED', 'CANCELLED'), ('QUEUED', 'FAILED'),
          ('QUEUED', 'UNKNOWN'), ('QUEUED', 'SENT'), ('QUEUED', 'DELIVERED'), ('QUEUED', 'READ'),
          ('SENDING', 'QUEUED'), ('SENDING', 'UNKNOWN'), ('SENDING', 'FAILED'),
          ('SENDING', 'SENT'), ('SENDING', 'DELIVERED'), ('SENDING', 'READ'),
          ('UNKNOWN', 'QUEUED'), ('UNKNOWN', 'FAILED'),
          ('UNKNOWN', 'SENT'), ('UNKNOWN', 'DELIVERED'), ('UNKNOWN', 'READ'),
          ('SENT', 'FAILED'), ('SENT', 'DELIVERED'), ('SENT', 'READ'), ('SENT', 'EXPIRED'),
          ('FAILED', 'DELIVERED'), ('FAILED', 'READ'), ('EXPIRED', 'DELIVERED'),
          ('EXPIRED', 'READ'), ('EXPIRED', 'FAILED'), ('DELIVERED', 'READ'))
        -- The attempt that was taken failed, and one that was abandoned may have arrived.
        and not (h.was = 'SENT' and h.became = 'UNKNOWN' and coalesce(h.reason, '') = 'unresolved')
      union all
      select t.message_id, t.step, t.story_was, t.story, t.attempt_id::text from harness.tried t
      where harness.rank(coalesce(t.story, '')) < harness.rank(coalesce(t.story_was, ''))`,
  },
  {
    name: 'I10',
    says: 'a person has one active chat at most',
    sql: `select tenant_id, person_id as id from chats where status = 'ACTIVE'
      group by 1, 2 having count(*) > 1`,
  },
  {
    name: 'I11',
    says: 'the counters of a chat are those of its messages',
    sql: `select c.chat_id as id, c.unread_count, c.last_message_id, c.last_sequence, r.*
      from chats c
      left join lateral (
        select count(*) filter (where m.direction = 'INBOUND') as unread, count(*) as messages,
          coalesce(max(m.sequence), 0) as highest,
          (array_agg(m.message_id order by m.sequence desc))[1] as latest
        from chat_messages m where m.tenant_id = c.tenant_id and m.chat_id = c.chat_id) r on true
      where c.unread_count <> r.unread or c.last_sequence <> r.highest
        or r.messages <> r.highest or c.last_message_id is distinct from r.latest`,
  },
  {
    name: 'I12',
    says: 'when all is quiet nothing is due, claimed or unmatched',
    sql: `select task_id::text as id, concat(type, ' ', state) as what from tasks
      where state = 'CLAIMED' or (state = 'PENDING' and due_at <= now())
      union all
      select s.status_id::text, concat('unmatched ', s.status) from message_status s
      where s.message_id is null`,
  },
  {
    name: 'I13',
    says: 'failed tasks are the bodies that no code can read, and wake-ups whose processes died',
    // A readable wake-up uses up its receives when each of its processors is killed; the relay
    // brings its task again. A chunk of webhooks counts as unreadable: nobody brings it again.
    sql: `select p.queue_message_id as id, p.queue, 'not recorded' as why from harness.l_planted p
      where not exists (select 1 from task_failures f where f.queue = p.queue
        and f.queue_message_id = p.queue_message_id and f.reason = 'unreadable')
      union all
      select f.queue_message_id, f.queue, concat('not planted: ', f.reason) from task_failures f
      where f.reason <> 'not-processed' and not exists (select 1 from harness.l_planted p
        where p.queue = f.queue and p.queue_message_id = f.queue_message_id)`,
  },
  {
    name: 'I21',
    says: 'messages of a chat are accepted in its order, unless flagged or in doubt',
    sql: `with taken as (
        select m.tenant_id, m.chat_id, m.channel, m.sequence, m.message_id, m.send_at,
          m.out_of_order, min(c.turn) as turn, min(c.at) as at
        from chat_messages m
        join send_attempts s on s.tenant_id = m.tenant_id and s.message_id = m.message_id
        join harness.l_call c on c.attempt_id = s.attempt_id and c.accepted
        group by m.tenant_id, m.message_id)
      select l.message_id as id, e.message_id as overtook, e.at as earlier_at, l.at as later_at
      from taken e
      join taken l on l.tenant_id = e.tenant_id and l.chat_id = e.chat_id
        and l.channel = e.channel and l.sequence > e.sequence and l.turn < e.turn and l.at < e.at
      where not l.out_of_order and e.send_at is null
        and not exists (select 1 from harness.tried t
          where t.message_id = e.message_id and t.became = 'UNKNOWN')`,
  },
  {
    name: 'I22',
    says: 'what is not final has a task with a time to come',
    sql: `select m.message_id as id, m.status, m.reason from chat_messages m
      where m.direction = 'OUTBOUND'
        and (m.status in ('QUEUED', 'SENDING', 'SENT')
          or (m.status = 'UNKNOWN' and m.reason is distinct from 'unresolved'))
        and not exists (select 1 from tasks t where t.tenant_id = m.tenant_id
          and t.message_id = m.message_id and t.state = 'PENDING' and t.due_at > now())`,
  },
]
