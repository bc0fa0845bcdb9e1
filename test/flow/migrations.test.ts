import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '#migrations/migrate.ts'
import { makeDataApi } from '#shared/adapters/database/data-api.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { type FreshDatabase, freshDatabase, makeDataApiClient } from '#test/support/database.ts'

const directory = join(import.meta.dirname, '../../migrations')

describe('migrations', () => {
  let database: FreshDatabase

  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterAll(() => database.drop())

  async function runner() {
    const endpoint = await database.startDataApi()
    return makeDataApi(
      makeDataApiClient(endpoint),
      {
        clusterArn: database.target.resourceArn,
        secretArn: database.target.secretArn,
        database: database.name,
      },
      { clock: systemClock, randomness: systemRandomness, pause: async () => undefined },
    )
  }

  it('apply once, also when two runners race, and again to no effect', async () => {
    const [one, other] = await Promise.all([runner(), runner()])
    const [first, second] = await Promise.all([
      migrate(one, directory, 'functions-role-password'),
      migrate(other, directory, 'functions-role-password'),
    ])
    const applied = [...first.applied, ...second.applied]
    expect(applied).toContain('0001_schema.sql')
    expect(applied).toContain('functions/accept_message_v3.sql')
    expect(new Set(applied).size).toBe(applied.length)
    expect((await migrate(one, directory, 'functions-role-password')).applied).toEqual([])
  })
})
