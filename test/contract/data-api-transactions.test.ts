import {
  BatchExecuteStatementCommand,
  BeginTransactionCommand,
  CommitTransactionCommand,
  type RDSDataClient,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DataApi } from '#infra/local/data-api/server.ts'
import {
  type Execute,
  type FreshDatabase,
  freshDatabase,
  makeDataApiClient,
  makeExecute,
} from '#test/support/database.ts'

const idleTimeoutSeconds = 0.3
const reader = {
  user: 'data_api_reader',
  password: 'reader',
  secretArn: 'arn:aws:secretsmanager:sa-east-1:111122223333:secret:reader',
}
let database: FreshDatabase
let endpoint: DataApi
let client: RDSDataClient
let execute: Execute

beforeAll(async () => {
  database = await freshDatabase()
  endpoint = await database.startDataApi({ roles: { [reader.secretArn]: reader } })
  client = makeDataApiClient(endpoint)
  execute = makeExecute(client, database.target)
  await execute('create table tasks (task_id int primary key, state text not null)')
})

afterAll(async () => {
  client.destroy()
  await database.drop()
})

interface Transaction {
  readonly transactionId: string
  execute: Execute
  commit(): Promise<unknown>
  rollback(): Promise<unknown>
}

async function begin(through: RDSDataClient = client): Promise<Transaction> {
  const { transactionId = '' } = await through.send(new BeginTransactionCommand(database.target))
  const ending = { ...database.target, transactionId }
  const send = makeExecute(through, database.target)
  return {
    transactionId,
    execute: (sql, parameters, more) => send(sql, parameters, { transactionId, ...more }),
    commit: () => through.send(new CommitTransactionCommand(ending)),
    rollback: () => through.send(new RollbackTransactionCommand(ending)),
  }
}

async function states(): Promise<unknown> {
  return (await execute('select task_id, state from tasks order by task_id')).records?.map(
    ([id, state]) => [id?.longValue, state?.stringValue],
  )
}

async function fill(ids: readonly number[]): Promise<void> {
  await execute('truncate tasks')
  for (const id of ids) await execute(`insert into tasks values (${id}, 'PENDING')`)
}

const notFound = { name: 'TransactionNotFoundException', $metadata: { httpStatusCode: 404 } }

describe('a transaction', () => {
  it('shows its changes to nobody before the commit, and to all after it', async () => {
    await fill([])
    const transaction = await begin()
    const one = await transaction.execute("insert into tasks values (1, 'DONE') returning task_id")
    expect(one.records).toEqual([[{ longValue: 1 }]])
    expect(await states()).toEqual([])
    expect(await transaction.commit()).toMatchObject({ transactionStatus: 'Transaction Committed' })
    expect(await states()).toEqual([[1, 'DONE']])
  })

  it('takes everything back on rollback, tables too', async () => {
    await fill([1])
    const transaction = await begin()
    await transaction.execute('delete from tasks')
    await transaction.execute('create table made_in_vain ()')
    expect(await transaction.rollback()).toMatchObject({ transactionStatus: 'Rollback Complete' })
    expect(await states()).toEqual([[1, 'PENDING']])
    const { records } = await execute("select to_regclass('made_in_vain')::text")
    expect(records).toEqual([[{ isNull: true }]])
  })

  it('keeps settings for its own statements only', async () => {
    const transaction = await begin()
    await transaction.execute("select set_config('recado.tenant', '7', true)")
    const { records } = await transaction.execute("select current_setting('recado.tenant')")
    expect(records).toEqual([[{ stringValue: '7' }]])
    await transaction.commit()
  })

  it('carries batches', async () => {
    await fill([])
    const transaction = await begin()
    const { transactionId } = transaction
    const sql = "insert into tasks values (:id::int, 'PENDING')"
    const parameterSets = [1, 2].map((id) => [{ name: 'id', value: { longValue: id } }])
    await client.send(
      new BatchExecuteStatementCommand({ ...database.target, sql, parameterSets, transactionId }),
    )
    await transaction.rollback()
    expect(await states()).toEqual([])
  })

  it('runs one statement at a time', async () => {
    const transaction = await begin()
    const slow = transaction.execute('select 1 from pg_sleep(0.5)')
    const active =
      "select 1 from pg_stat_activity where query like '%pg_sleep(0.5)' and state = 'active'"
    await expect.poll(async () => (await execute(active)).records).toHaveLength(1)
    const busy = { name: 'DatabaseErrorException', message: 'Transaction is still running a query' }
    await expect(transaction.execute('select 2')).rejects.toMatchObject(busy)
    await expect(transaction.commit()).rejects.toMatchObject(busy)
    expect((await slow).records).toEqual([[{ longValue: 1 }]])
    expect((await transaction.execute('select 3')).records).toEqual([[{ longValue: 3 }]])
    await transaction.rollback()
  })

  it('is good for nothing but a rollback after an error', async () => {
    await fill([1])
    const transaction = await begin()
    await transaction.execute("update tasks set state = 'DONE'")
    await expect(transaction.execute('select 1 / 0')).rejects.toThrow('SQLState: 22012')
    await expect(transaction.execute('select 1')).rejects.toThrow('SQLState: 25P02')
    await transaction.rollback()
    expect(await states()).toEqual([[1, 'PENDING']])
  })

  it('does not pretend to commit after an error', async () => {
    await fill([1])
    const transaction = await begin()
    await transaction.execute("update tasks set state = 'DONE'")
    await expect(transaction.execute('select 1 / 0')).rejects.toThrow('SQLState: 22012')
    await expect(transaction.commit()).rejects.toThrow('SQLState: 25P02')
    expect(await states()).toEqual([[1, 'PENDING']])
    await expect(transaction.rollback()).rejects.toMatchObject(notFound)
  })

  it('ends with a commit that fails', async () => {
    await fill([1])
    await execute('create table steps (task_id int references tasks deferrable initially deferred)')
    const transaction = await begin()
    await transaction.execute('insert into steps values (7)')
    await expect(transaction.commit()).rejects.toThrow('SQLState: 23503')
    await expect(transaction.execute('select 1')).rejects.toMatchObject(notFound)
    await execute('drop table steps')
  })

  it('survives a call that never reached PostgreSQL', async () => {
    const transaction = await begin()
    await expect(transaction.execute('select :missing')).rejects.toMatchObject({
      name: 'ValidationException',
    })
    await expect(transaction.execute('select 1; select 2')).rejects.toMatchObject({
      name: 'ValidationException',
    })
    expect((await transaction.execute('select 1')).records).toEqual([[{ longValue: 1 }]])
    await transaction.rollback()
  })

  it('keeps its timeout after a statement that went on without one', async () => {
    const transaction = await begin()
    await transaction.execute('select 1', {}, { continueAfterTimeout: true })
    const { records } = await transaction.execute("select current_setting('statement_timeout')")
    expect(records).toEqual([[{ stringValue: '45s' }]])
    await transaction.rollback()
  })
})

describe('an ended transaction', () => {
  it.each(['commit', 'rollback'] as const)('is not found after %s', async (verb) => {
    const transaction = await begin()
    await transaction[verb]()
    await expect(transaction.execute('select 1')).rejects.toMatchObject(notFound)
    await expect(transaction.commit()).rejects.toMatchObject(notFound)
    await expect(transaction.rollback()).rejects.toMatchObject(notFound)
  })

  it('is not found after a COMMIT written in SQL', async () => {
    const transaction = await begin()
    await transaction.execute('commit')
    await expect(transaction.execute('select 1')).rejects.toMatchObject(notFound)
  })

  it('is not found when it never was', async () => {
    await expect(execute('select 1', {}, { transactionId: 'AXq' })).rejects.toMatchObject(notFound)
  })

  it('is rolled back and not found after the idle timeout', async () => {
    await fill([1])
    const impatient = await database.startDataApi({
      transactionIdleTimeoutSeconds: idleTimeoutSeconds,
    })
    const impatientClient = makeDataApiClient(impatient)
    const transaction = await begin(impatientClient)
    await transaction.execute("update tasks set state = 'DONE'")
    const open =
      "select count(*) from pg_stat_activity where state = 'idle in transaction' and datname = current_database()"
    await expect.poll(async () => (await execute(open)).records).toEqual([[{ longValue: 0 }]])
    await expect(transaction.commit()).rejects.toMatchObject(notFound)
    expect(await states()).toEqual([[1, 'PENDING']])
    impatientClient.destroy()
  })

  it('is not found after its longest life', async () => {
    const shortLived = await database.startDataApi({ transactionLifetimeSeconds: 0 })
    const shortLivedClient = makeDataApiClient(shortLived)
    const transaction = await begin(shortLivedClient)
    const call = () => transaction.execute('select 1').catch((error: Error) => error.name)
    await expect.poll(call).toBe('TransactionNotFoundException')
    shortLivedClient.destroy()
  })

  it('is not found after its session broke', async () => {
    const transaction = await begin()
    const { records } = await transaction.execute('select pg_backend_pid()')
    await execute(`select 1 from pg_terminate_backend(${records?.[0]?.[0]?.longValue}, 5000)`)
    const call = () => transaction.execute('select 1').catch((error: Error) => error.name)
    await expect.poll(call).toBe('TransactionNotFoundException')
    expect((await execute('select 1')).records).toEqual([[{ longValue: 1 }]])
  })
})

describe('who may use a transaction', () => {
  it('only the secret and the database it was begun with', async () => {
    const transaction = await begin()
    const other = { name: 'BadRequestException' }
    const { secretArn } = reader
    await expect(transaction.execute('select 1', {}, { secretArn })).rejects.toMatchObject(other)
    const elsewhere = { database: 'postgres' }
    await expect(transaction.execute('select 1', {}, elsewhere)).rejects.toMatchObject(other)
    const unnamed = await transaction.execute('select 1', {}, { database: undefined })
    expect(unnamed.records).toEqual([[{ longValue: 1 }]])
    await transaction.rollback()
  })

  it('each secret acts as its own role', async () => {
    const admin = new pg.Client({ connectionString: database.url })
    await admin.connect()
    await admin.query(`create role ${reader.user} login password '${reader.password}'`)
    try {
      const { secretArn } = reader
      const { records } = await execute('select current_user::text', {}, { secretArn })
      expect(records).toEqual([[{ stringValue: reader.user }]])
      await expect(execute('select * from tasks', {}, { secretArn })).rejects.toThrow(
        'ERROR: permission denied for table tasks; SQLState: 42501',
      )
    } finally {
      await admin.query(`drop role ${reader.user}`)
      await admin.end()
    }
  })
})

describe('two transactions at once', () => {
  it('share tasks without waiting for each other by SKIP LOCKED', async () => {
    await fill([1, 2, 3, 4])
    const claim = 'select task_id from tasks order by task_id limit 2 for update skip locked'
    const [first, second] = await Promise.all([begin(), begin()])
    const mine = (await first.execute(claim)).records
    const yours = (await second.execute(claim)).records
    expect([mine, yours]).toEqual([
      [[{ longValue: 1 }], [{ longValue: 2 }]],
      [[{ longValue: 3 }], [{ longValue: 4 }]],
    ])
    expect((await execute(claim)).records).toEqual([])
    await second.rollback()
    expect((await execute(claim)).records).toEqual(yours)
    await first.commit()
    expect((await execute(claim)).records).toEqual(mine)
  })

  it('wait for a row lock and see what its holder committed', async () => {
    await fill([1])
    const [first, second] = await Promise.all([begin(), begin()])
    await first.execute("update tasks set state = 'CLAIMED'")
    const waiting = second.execute("update tasks set state = state || '+' returning state")
    const blocked =
      "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    await expect.poll(async () => (await execute(blocked)).records).toEqual([[{ longValue: 1 }]])
    await first.commit()
    expect((await waiting).records).toEqual([[{ stringValue: 'CLAIMED+' }]])
    await second.commit()
  })

  it('one of two that lock crosswise gets 40P01', async () => {
    await fill([1, 2])
    const [first, second] = await Promise.all([begin(), begin()])
    const lock = (id: number) => `select task_id from tasks where task_id = ${id} for update`
    await first.execute(lock(1))
    await second.execute(lock(2))
    const outcomes = await Promise.allSettled([first.execute(lock(2)), second.execute(lock(1))])
    const failed = outcomes.filter(({ status }) => status === 'rejected')
    expect(failed).toHaveLength(1)
    expect(failed[0]).toMatchObject({
      reason: { message: expect.stringContaining('SQLState: 40P01') },
    })
    await Promise.all([first.rollback(), second.rollback()])
  })

  it('more of them than connections: the last one waits until one is free', async () => {
    const narrow = await database.startDataApi({ maxConnections: 2 })
    const narrowClient = makeDataApiClient(narrow)
    const [first, second] = await Promise.all([begin(narrowClient), begin(narrowClient)])
    const third = begin(narrowClient)
    await first.rollback()
    const late = await third
    expect((await late.execute('select 1')).records).toEqual([[{ longValue: 1 }]])
    await Promise.all([second.rollback(), late.rollback()])
    narrowClient.destroy()
  })
})

it('an endpoint that closes rolls back what is open, also under a running statement', async () => {
  await fill([1])
  const closing = await database.startDataApi()
  const closingClient = makeDataApiClient(closing)
  const [idle, busy] = await Promise.all([begin(closingClient), begin(closingClient)])
  await idle.execute("update tasks set state = 'DONE'")
  const running = busy.execute('select 1 from pg_sleep(30)').catch((error: Error) => error.name)
  const active =
    "select 1 from pg_stat_activity where query like '%pg_sleep(30)' and state = 'active'"
  await expect.poll(async () => (await execute(active)).records).toHaveLength(1)
  await closing.close()
  expect(await running).toBe('InternalServerErrorException')
  expect(await states()).toEqual([[1, 'PENDING']])
  await execute("update tasks set state = 'DONE'")
  closingClient.destroy()
})
