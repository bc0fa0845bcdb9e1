import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
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

  async function runner(database: FreshDatabase) {
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
    const [one, other] = await Promise.all([runner(database), runner(database)])
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

  describe('of functions whose files are gone', () => {
    const folders: string[] = []
    let small: FreshDatabase
    beforeAll(async () => {
      small = await freshDatabase()
    })
    afterAll(async () => {
      await small.drop()
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true })))
    })

    const retired = 'create or replace function old_v1() returns integer language sql as'
    const files = {
      'old_v1.sql': `${retired} 'select 1'`,
      'needed_v1.sql': 'create or replace function needed_v1() returns integer return 1',
      'user_v1.sql': 'create or replace function user_v1() returns integer return needed_v1()',
      'new_v1.sql': `create or replace function new_v1() returns integer language sql as 'select 2'`,
    }
    /** A deployment whose code brings these functions. */
    async function deploy(...names: readonly (keyof typeof files)[]) {
      const folder = await mkdtemp(join(tmpdir(), 'recado-migrations-'))
      folders.push(folder)
      await mkdir(join(folder, 'functions'))
      for (const name of names) await writeFile(join(folder, 'functions', name), files[name])
      return migrate(await runner(small), folder, 'functions-role-password')
    }
    const known = async () => {
      const rows = await (await runner(small)).query(
        `select proname::text as name from pg_proc
         where proname in ('old_v1', 'needed_v1', 'user_v1', 'new_v1') order by 1`,
      )
      return rows.map(({ name }) => name)
    }

    it('leaves them to the code of before, and drops them one deployment later', async () => {
      await deploy('old_v1.sql', 'user_v1.sql', 'needed_v1.sql')
      const after = ['new_v1.sql', 'user_v1.sql'] as const
      expect((await deploy(...after)).dropped).toEqual([])
      // The same deployment, tried again.
      expect((await deploy(...after)).dropped).toEqual([])
      expect(await known()).toEqual(['needed_v1', 'new_v1', 'old_v1', 'user_v1'])
      expect((await deploy('user_v1.sql')).dropped).toEqual(['functions/old_v1.sql'])
      // What another one is made of stays, and so does what was only just left out.
      expect(await known()).toEqual(['needed_v1', 'new_v1', 'user_v1'])
    })

    it('keeps one that comes back, and drops what it was needed for first', async () => {
      const { applied, dropped } = await deploy('old_v1.sql', 'new_v1.sql')
      expect({ applied, dropped }).toEqual({ applied: ['functions/old_v1.sql'], dropped: [] })
      expect(await known()).toEqual(['needed_v1', 'new_v1', 'old_v1', 'user_v1'])
      expect((await deploy('new_v1.sql')).dropped).toEqual(['functions/user_v1.sql'])
      expect((await deploy()).dropped).toEqual(['functions/needed_v1.sql', 'functions/old_v1.sql'])
      expect(await known()).toEqual(['new_v1'])
    })
  })
})
