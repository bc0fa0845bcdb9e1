import type pg from 'pg'

/** The product made worse on purpose: a harness that does not notice is blind. */
export interface Control {
  readonly says: string
  /** Must be among the invariants that the run finds broken. */
  readonly breaks: string
  readonly sql: string
}

const controls: Readonly<Record<string, Control>> = {
  'blind-retry': {
    says: 'a call whose answer was lost is simply made again',
    breaks: 'I5',
    sql: `create or replace function await_report_v1(
        tenant bigint, message bigint, attempt uuid, why text, wait interval) returns void
      language plpgsql volatile as $$
      begin
        update send_attempts a set outcome = 'REJECTED', reason = why, resolved_at = now()
        where a.tenant_id = tenant and a.attempt_id = attempt and a.outcome = 'CALLING';
        update tasks t set state = 'PENDING', due_at = now(), woken_at = null
        where t.tenant_id = tenant and t.message_id = message and t.type = 'MESSAGE_SEND'
          and t.state = 'CLAIMED';
        update chat_messages m set status = 'QUEUED'
        where m.tenant_id = tenant and m.message_id = message and m.status = 'SENDING';
      end $$`,
  },
  'last-report-wins': {
    says: 'a late SENT overwrites READ',
    breaks: 'I7',
    sql: `create or replace function report_rank(status text) returns integer
      language sql immutable
      return case status when 'SENT' then 4 when 'FAILED' then 3 when 'DELIVERED' then 2
        when 'READ' then 1 else 0 end`,
  },
  'forgotten-keys': {
    says: 'an Idempotency-Key is stored as something else',
    breaks: 'I2',
    sql: `create function harness.forget_key() returns trigger language plpgsql as $$
      begin
        new.key_hash := decode(replace(gen_random_uuid()::text, '-', ''), 'hex');
        return new;
      end $$;
      create trigger harness_forgets before insert on idempotency_keys
      for each row execute function harness.forget_key();
      grant usage on schema harness to recado_functions`,
  },
  'phone-in-clear': {
    says: 'the phone of somebody who writes is kept as it is',
    breaks: 'canary',
    sql: `create table plain_phones as select '+5521998000000' as phone`,
  },
  'inbound-twice': {
    says: 'copies of what a person wrote are stored again',
    breaks: 'I9',
    sql: `drop index inbound_once;
      do $$ begin
        execute replace(pg_get_functiondef('store_inbound_v2(jsonb)'::regprocedure),
          'return null;', 'null;');
      end $$`,
  },
}

/** Breaks the product of this database. Throws when there is no such control. */
export async function breakProduct(owner: pg.Pool, name: string): Promise<Control> {
  const control = controls[name]
  if (control === undefined) {
    throw new Error(`there is no control ${name}; there are ${Object.keys(controls).join(', ')}`)
  }
  await owner.query(control.sql)
  return control
}
