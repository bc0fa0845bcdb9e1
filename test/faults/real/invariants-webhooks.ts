import type { Invariant } from './invariants.ts'

/** What holds for reports and for what people write. */
export const webhookInvariants: readonly Invariant[] = [
  {
    name: 'I6',
    says: 'a report that we took is shown: its attempt was accepted, its message is as far',
    sql: `select e.wamid as id, e.status, s.outcome, s.attempt_id, null::text as shows
      from harness.l_event e
      left join send_attempts s on s.provider_message_id = e.wamid
      where e.kind = 'status' and e.told
        and (s.attempt_id is null or s.outcome <> 'ACCEPTED' or s.attempt_id <> e.attempt_id)
      union all
      select m.message_id::text, r.best, null, null, m.status
      from chat_messages m
      join lateral (
        select (array_agg(e.status order by harness.rank(e.status) desc))[1] as best
        from send_attempts s
        join harness.l_event e on e.wamid = s.provider_message_id and e.told
        where s.tenant_id = m.tenant_id and s.message_id = m.message_id
          and e.status <> 'FAILED'
          -- An attempt that failed after it was sent tells SENT no more.
          and not (e.status = 'SENT' and exists (select 1 from harness.l_event f
            where f.wamid = e.wamid and f.told and f.status = 'FAILED'))) r on r.best is not null
      where m.status <> r.best and not (m.status = 'EXPIRED' and r.best = 'SENT')`,
  },
  {
    name: 'I7',
    says: 'an attempt ends where the set of its reports says, whatever their order',
    sql: `select s.attempt_id as id, s.reported_status, r.furthest from send_attempts s
      join lateral (
        select (array_agg(e.status order by harness.rank(e.status) desc))[1] as furthest
        from harness.l_event e
        where e.kind = 'status' and e.told and e.wamid = s.provider_message_id) r
        on r.furthest is not null
      where s.reported_status is distinct from r.furthest`,
  },
  {
    name: 'I8',
    says: 'the reports stored are the reports that we took: no more, no less, none twice',
    sql: `select wamid as id, status, 'taken, not stored' as why from (
        select e.wamid, e.status from harness.l_event e where e.kind = 'status' and e.told
        except select s.provider_message_id, s.status from message_status s) missing
      union all
      select provider_message_id, status, 'stored, never told' from (
        select s.provider_message_id, s.status from message_status s
        except select e.wamid, e.status from harness.l_event e
          where e.kind = 'status' and e.told) extra
      union all
      select provider_message_id, status, 'stored twice' from message_status
      group by 1, 2 having count(*) > 1
      union all
      select e.wamid, e.status, 'never taken' from harness.l_event e where not e.told`,
  },
  {
    name: 'I9',
    says: 'what a person wrote is stored once; what nobody signed is stored nowhere',
    sql: `select e.wamid as id, count(m.message_id)::text as stored
      from (select distinct wamid from harness.l_event where kind = 'message' and told) e
      left join chat_messages m on m.provider_message_id = e.wamid and m.direction = 'INBOUND'
      group by 1 having count(m.message_id) <> 1
      union all
      select m.provider_message_id, 'nobody wrote it' from chat_messages m
      where m.direction = 'INBOUND' and not exists (
        select 1 from harness.l_event e where e.kind = 'message' and e.wamid = m.provider_message_id)
      union all
      select f.wamid, 'forged' from harness.l_forged f
      where exists (select 1 from chat_messages m where m.provider_message_id = f.wamid)
        or exists (select 1 from message_status s where s.provider_message_id = f.wamid)
      union all
      select parked_item_id::text, concat('parked: ', reason) from parked_items`,
  },
]
