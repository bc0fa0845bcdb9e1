import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { instantOf } from '#shared/domain/dunning/zoned-time.ts'
import { makeTemplates, type Templates } from '#test/faults/sql/template.ts'
import { memoryLadder } from './memory/system.ts'
import { postgresLadder } from './postgres/system.ts'
import { company, playYear } from './year.ts'

const setting = { seed: 3, installments: 150, startOn: '2026-03-02', days: 30 }

/** What the simulated year shows in memory is what the SQL functions do. */
describe('the ladder on PostgreSQL', () => {
  let templates: Templates

  beforeAll(async () => {
    templates = await makeTemplates(inject('postgres'))
  })
  afterAll(() => templates.close())

  it('ends a month as the ladder in memory does, and breaks no rule', async () => {
    const database = await templates.open()
    const startAt = instantOf({ day: setting.startOn, minutes: 0 }, company.timeZone)
    const ladder = await postgresLadder(database, { company, startAt })
    const onPostgres = await playYear(setting, ladder)
    const inMemory = await playYear(setting, memoryLadder(company))
    await database.close()
    expect(onPostgres.broken).toEqual([])
    expect(onPostgres.ends).toEqual(inMemory.ends)
    expect(onPostgres.digest).toBe(inMemory.digest)
  }, 120_000)
})
