import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { judge } from './invariants.ts'
import { sqlLives } from './lives.ts'
import { run } from './simulation/run.ts'
import type { Setting } from './simulation/setting.ts'
import { sqlSystem } from './sql/system.ts'
import { makeTemplates, type Templates } from './sql/template.ts'

/** The rules of erasures and cleanups see a product that breaks them. */
describe('a product that breaks its word', () => {
  let templates: Templates
  beforeAll(async () => {
    templates = await makeTemplates(inject('postgres'))
  })
  afterAll(() => templates.close())

  async function brokenRules(broken: string, name: string, more: Partial<Setting> = {}) {
    const database = await templates.open()
    await database.owner.query(broken)
    const setting = { ...sqlLives[name], plan: new Map(), ...more } as Setting
    const evidence = await run(setting, sqlSystem(database), { onTime: database.setTime })
    await database.close()
    return new Set(judge(evidence).map(({ rule }) => rule))
  }

  const sound = 'select 1'
  const erased = 'erased before its reports'
  const cleaned = 'cleaned while the person writes'
  const copied = 'erased while a copy is made'
  const copies = {
    upkeep: { erasures: 1, exports: 8, cleanups: 0, afterSeconds: 0, idleDays: [] },
  }
  const silent = { lives: 0, inbound: 0 }
  const idle = (days: number) => ({
    ...silent,
    upkeep: { erasures: 0, exports: 0, cleanups: 1, afterSeconds: 0, idleDays: [days] },
  })

  interface Control {
    readonly what: string
    readonly broken: string
    readonly life: string
    readonly more?: Partial<Setting>
    readonly rules: readonly string[]
  }

  it.each<Control>([
    { what: 'nothing', broken: sound, life: erased, rules: [] },
    { what: 'nothing of cleanups', broken: sound, life: cleaned, more: idle(31), rules: [] },
    {
      what: 'contents that stay (I20)',
      broken: `create or replace function blank_messages_v1(tenant bigint, ids bigint[])
        returns integer language sql volatile as 'select 0'`,
      life: erased,
      rules: ['I20'],
    },
    {
      what: 'hashes that stay (I20)',
      broken: `create function keep_v1() returns trigger language plpgsql
          as 'begin return null; end';
        create trigger keep before delete on contact_identities
          for each row execute function keep_v1()`,
      life: erased,
      rules: ['I20'],
    },
    {
      what: 'a copy that stays (I20)',
      broken: `create function forget_key_v1() returns trigger language plpgsql
          as 'begin new.object_key := null; return new; end';
        create trigger forget_key before update on privacy_requests
          for each row execute function forget_key_v1()`,
      life: copied,
      more: copies,
      rules: ['I20'],
    },
    { what: 'nothing of copies', broken: sound, life: copied, more: copies, rules: [] },
    {
      what: 'chats closed too early (I19)',
      broken: 'alter table tenants alter column close_after_days set default 1',
      ...{ life: cleaned, more: idle(2), rules: ['I19'] },
    },
  ])('is found: $what', async ({ broken, life, more, rules }) => {
    expect([...(await brokenRules(broken, life, more))]).toEqual(rules)
  })
})
