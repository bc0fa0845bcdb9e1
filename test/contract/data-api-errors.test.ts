import {
  DatabaseUnavailableException,
  ExecuteStatementCommand,
  type RDSDataClient,
  StatementTimeoutException,
} from '@aws-sdk/client-rds-data'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DataApi, startDataApi } from '#infra/local/data-api/server.ts'
import {
  type Execute,
  type FreshDatabase,
  freshDatabase,
  makeDataApiClient,
  makeExecute,
} from '#test/support/database.ts'

const cluster = 'arn:aws:rds:sa-east-1:111122223333:cluster:recado-test'
const wrongPassword = 'arn:aws:secretsmanager:sa-east-1:111122223333:secret:wrong-password'
let database: FreshDatabase
let endpoint: DataApi
let client: RDSDataClient
let execute: Execute

beforeAll(async () => {
  database = await freshDatabase()
  endpoint = await database.startDataApi({
    cluster,
    roles: { [wrongPassword]: { user: 'postgres', password: 'not this one' } },
  })
  client = makeDataApiClient(endpoint)
  execute = makeExecute(client, database.target)
  await execute('create table people (id int primary key, name text not null)')
  await execute(
    'create table phones (id int primary key, person_id int references people, check (id > 0))',
  )
  await execute("insert into people values (1, 'Ana')")
})

afterAll(async () => {
  client.destroy()
  await database.drop()
})

describe('database errors', () => {
  it.each([
    [
      'insert into people values (1)',
      'ERROR: null value in column "name" of relation "people" violates not-null constraint\n  Detail: Failing row contains (1, null).; SQLState: 23502',
    ],
    [
      "insert into people values (1, 'b')",
      'ERROR: duplicate key value violates unique constraint "people_pkey"\n  Detail: Key (id)=(1) already exists.; SQLState: 23505',
    ],
    [
      'insert into phones values (1, 7)',
      'ERROR: insert or update on table "phones" violates foreign key constraint "phones_person_id_fkey"\n  Detail: Key (person_id)=(7) is not present in table "people".; SQLState: 23503',
    ],
    [
      'insert into phones values (0, 1)',
      'ERROR: new row for relation "phones" violates check constraint "phones_id_check"\n  Detail: Failing row contains (0, 1).; SQLState: 23514',
    ],
    [
      'select * from nowhere',
      'ERROR: relation "nowhere" does not exist; Position: 15; SQLState: 42P01',
    ],
    ['selec 1', 'ERROR: syntax error at or near "selec"; Position: 1; SQLState: 42601'],
    [
      "select 'unfinished",
      'ERROR: unterminated quoted string at or near "\'unfinished"; Position: 8; SQLState: 42601',
    ],
    ["do $$ begin raise exception 'no'; end $$", 'ERROR: no; SQLState: P0001'],
    ["do $$ begin raise 'busy' using errcode = '40P01'; end $$", 'ERROR: busy; SQLState: 40P01'],
  ])('%s', async (sql, message) => {
    await expect(execute(sql)).rejects.toMatchObject({
      name: 'DatabaseErrorException',
      message,
      $fault: 'client',
      $metadata: { httpStatusCode: 400, attempts: 1 },
    })
  })

  it('names a database that does not exist', async () => {
    await expect(execute('select 1', {}, { database: 'nowhere' })).rejects.toThrow(
      'ERROR: database "nowhere" does not exist; SQLState: 3D000',
    )
  })

  it("takes the user's name for a database that is not named", async () => {
    const { records } = await execute('select current_database()', {}, { database: undefined })
    expect(records).toEqual([[{ stringValue: 'postgres' }]])
  })
})

describe('refused calls', () => {
  it.each([
    ['two statements', 'select 1; select 2'],
    ['two statements after a comment', '/* a */ select 1; -- b\n select 2'],
    [
      'a statement behind an atomic body',
      'create function one() returns int language sql begin atomic; select 1; end; select 2',
    ],
    ['nothing but space', ' \n'],
    ['an empty text', ''],
  ])('%s', async (_, sql) => {
    await expect(execute(sql)).rejects.toMatchObject({
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400 },
    })
  })

  it('two statements in the words of the service, with nothing executed', async () => {
    const sql = "insert into people values (8, 'Bia'); delete from people"
    await expect(execute(sql)).rejects.toThrow("Multistatements aren't supported.")
    const { records } = await execute('select id from people')
    expect(records).toEqual([[{ longValue: 1 }]])
  })

  it('a schema', async () => {
    await expect(execute('select 1', {}, { schema: 'public' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: "The schema parameter isn't supported",
    })
  })

  it('another cluster', async () => {
    const resourceArn = `${cluster}-2`
    await expect(execute('select 1', {}, { resourceArn })).rejects.toMatchObject({
      name: 'HttpEndpointNotEnabledException',
    })
  })

  it('an unknown secret', async () => {
    await expect(execute('select 1', {}, { secretArn: 'arn:none' })).rejects.toMatchObject({
      name: 'BadRequestException',
    })
  })

  it('a secret with the wrong password', async () => {
    await expect(execute('select 1', {}, { secretArn: wrongPassword })).rejects.toMatchObject({
      name: 'InvalidSecretException',
      message: 'password authentication failed for user "postgres"',
    })
  })

  it.each([
    ['GET', '/Execute', undefined, 404],
    ['POST', '/ExecuteSql', '{}', 404],
    ['POST', '/Execute', '{"sql"', 400],
    ['POST', '/Execute', '[]', 400],
    ['POST', '/Execute', '{"resourceArn":"a","secretArn":"b"}', 400],
  ])('%s %s %s', async (...[method, path, body, status]) => {
    const response = await fetch(`${endpoint.url}${path}`, { method, body: body ?? null })
    expect(response.status).toBe(status)
    expect(response.headers.get('x-amzn-errortype')).toMatch(/Exception$/)
    expect(await response.json()).toHaveProperty('message')
  })
})

describe('a statement that takes too long', () => {
  it('is cancelled and answered with StatementTimeoutException', async () => {
    const slow = await database.startDataApi({ statementTimeoutSeconds: 0.2 })
    const slowClient = makeDataApiClient(slow)
    const call = makeExecute(slowClient, database.target)('select 1 from pg_sleep(60)')
    const error = await call.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StatementTimeoutException)
    expect(error).toMatchObject({
      dbConnectionId: expect.any(Number),
      message: 'Request timed out',
    })
    const running = "select count(*) from pg_stat_activity where query like '%pg_sleep(60)%'"
    const others = `${running} and pid <> pg_backend_pid() and state = 'active'`
    expect((await execute(others)).records).toEqual([[{ longValue: 0 }]])
    slowClient.destroy()
  })

  it('goes on after the answer when the caller asked for that', async () => {
    const slow = await database.startDataApi({ statementTimeoutSeconds: 0.1 })
    const slowClient = makeDataApiClient(slow)
    const sql = "with wait as (select pg_sleep(0.5)) insert into people select 2, 'Caio' from wait"
    const call = makeExecute(slowClient, database.target)(sql, {}, { continueAfterTimeout: true })
    await expect(call).rejects.toBeInstanceOf(StatementTimeoutException)
    const names = () => execute('select name from people where id = 2').then((it) => it.records)
    await expect.poll(names, { timeout: 10_000 }).toEqual([[{ stringValue: 'Caio' }]])
    slowClient.destroy()
  })
})

describe('a database that is away', () => {
  const options = { credentials: async () => ({ user: 'postgres', password: 'x' }) }

  it('is DatabaseUnavailableException, which the SDK retries by itself', async () => {
    // Port 1 of this machine refuses.
    const lonely = await startDataApi({
      ...options,
      port: 0,
      postgres: { host: '127.0.0.1', port: 1 },
    })
    const lonelyClient = makeDataApiClient(lonely, 2)
    const call = lonelyClient.send(
      new ExecuteStatementCommand({ resourceArn: 'a', secretArn: 'b', sql: 'select 1' }),
    )
    const error = await call.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(DatabaseUnavailableException)
    expect(error).toMatchObject({ $metadata: { httpStatusCode: 504, attempts: 2 } })
    expect(lonely.calls().map(({ error: name }) => name)).toEqual([
      'DatabaseUnavailableException',
      'DatabaseUnavailableException',
    ])
    lonelyClient.destroy()
    await lonely.close()
  })

  it('is InternalServerErrorException when it goes away under a statement', async () => {
    const kill = 'select 1 from pg_terminate_backend(pg_backend_pid())'
    await expect(execute(kill)).rejects.toMatchObject({
      name: 'InternalServerErrorException',
      $metadata: { httpStatusCode: 500 },
    })
    expect((await execute('select 1')).records).toEqual([[{ longValue: 1 }]])
  })
})
