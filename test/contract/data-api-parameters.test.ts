import type { Field, SqlParameter } from '@aws-sdk/client-rds-data'
import { BatchExecuteStatementCommand, type RDSDataClient } from '@aws-sdk/client-rds-data'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Execute,
  type FreshDatabase,
  freshDatabase,
  makeDataApiClient,
  makeExecute,
} from '#test/support/database.ts'

const uuid = '0198c1d2-7b1e-7c7a-9a50-5f0f4e7a9b11'
let database: FreshDatabase
let client: RDSDataClient
let execute: Execute

beforeAll(async () => {
  database = await freshDatabase()
  client = makeDataApiClient(await database.startDataApi())
  execute = makeExecute(client, database.target)
  await execute("create type mood as enum ('calm', 'angry')")
  await execute(
    `create table typed (id uuid, body text, meta jsonb, sent_at timestamptz, local_at timestamp,
       day date, hour time, price numeric(12, 2), tries int, big bigint, ratio float8, ok boolean,
       raw bytea, feeling mood)`,
  )
})

afterAll(async () => {
  client.destroy()
  await database.drop()
})

async function firstField(sql: string, parameters?: Parameters<Execute>[1]): Promise<unknown> {
  const { records } = await execute(sql, parameters)
  return records?.[0]?.[0]
}

describe('placeholders', () => {
  const value = { stringValue: 'olá' }
  it.each([
    ['a cast behind it', 'select :a::text'],
    ['its name used twice', 'select case when :a = :a then :a end'],
    [
      'a longer name beside it',
      'select :a from (values (:ab)) as t(x)',
      { ab: { stringValue: 'x' } },
    ],
    ['a colon in a string', "select replace(':b' || :a, ':b', '')"],
    ['a doubled quote in a string', "select replace(':b''' || :a, ':b''', '')"],
    [
      'an escaped quote in an E string',
      String.raw`select replace(E':b\' :c' || :a, E':b\' :c', '')`,
    ],
    ['a quoted identifier', 'select ":b" from (select :a as ":b") t'],
    ['a line comment', 'select :a -- :b; select 2\n'],
    ['nested block comments', 'select /* :b /* :c */ ; :d */ :a'],
    ['a dollar-quoted string', 'select replace($$:b;$$ || :a, $$:b;$$, $$$$)'],
    ['a tagged dollar quote', 'select replace($é1$ :b $$ ; $é1$ || :a, $é1$ :b $$ ; $é1$, $$$$)'],
    ['a dollar in an identifier', 'select a$b$ from (select :a as a$b$) t'],
    ['an array slice', "select array_to_string((array[:a, 'x'])[1:1], '')"],
    [
      'named notation',
      "select :a where make_interval(days:=1, hours:=:h::int) > interval '1 day'",
      { h: { longValue: 1 } },
    ],
    ['a semicolon at the end', 'select :a ; -- done'],
  ])('are found beside %s', async (_, sql, more: Record<string, Field> = {}) => {
    const field = await firstField(sql, { a: value, ...more })
    expect(field).toEqual(value)
  })

  it('leaves the body of a function alone', async () => {
    await execute(
      `create function greet(who text) returns text language plpgsql as $body$
       declare greeting text := 'olá :who; ';
       begin
         -- it's here: $$ and :nobody
         return greeting || who;
       end $body$`,
    )
    const field = await firstField('select greet(who => :who)', { who: { stringValue: 'Ana' } })
    expect(field).toEqual({ stringValue: 'olá :who; Ana' })
  })

  it('takes the several statements of a BEGIN ATOMIC body as one', async () => {
    await execute(
      `create function pair() returns int language sql begin atomic; select 1; select 2; end`,
    )
    expect(await firstField('select pair()')).toEqual({ longValue: 2 })
  })

  it('ignores a parameter that is not used', async () => {
    const field = await firstField('select 1', { unused: { stringValue: 'x' } })
    expect(field).toEqual({ longValue: 1 })
  })
})

describe('values', () => {
  it.each<[expression: string, value: Field, expected?: Field]>([
    [':v', { stringValue: 'ç\n😀\'"\\' }],
    [':v', { longValue: -9007199254740991 }],
    [':v', { doubleValue: 0.1 }],
    [':v', { doubleValue: 3 }],
    [':v', { booleanValue: false }],
    [':v::uuid', { isNull: true }],
    [":v::jsonb ->> 'a'", { stringValue: '{"a":"1"}' }, { stringValue: '1' }],
    [':v::uuid', { stringValue: uuid }],
    ["'b' = any(string_to_array(:v, ','))", { stringValue: 'a,b' }, { booleanValue: true }],
    ['2 = any(:v::int[])', { stringValue: '{1,2}' }, { booleanValue: true }],
  ])('arrive as they were sent: %s of %j', async (expression, value, expected = value) => {
    expect(await firstField(`select ${expression}`, { v: value })).toEqual(expected)
  })

  it('bytes arrive as they were sent', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const { records } = await execute('select :v, length(:v)', { v: { blobValue: bytes } })
    expect(Buffer.from(records?.[0]?.[0]?.blobValue ?? []).equals(bytes)).toBe(true)
    expect(records?.[0]?.[1]).toEqual({ longValue: 256 })
  })

  it.each<[string, string, string]>([
    ['DATE', 'day', '2026-11-23'],
    ['DECIMAL', 'price', '12.50'],
    ['JSON', 'meta', '{"a": 1}'],
    ['TIME', 'hour', '08:30:00'],
    ['TIMESTAMP', 'local_at', '2026-11-23 08:30:00.125'],
    ['TIMESTAMP', 'sent_at', '2026-11-23 08:30:00.125'],
    ['UUID', 'id', uuid],
  ])('a %s hint gives the type of column %s', async (typeHint, column, text) => {
    const v = { name: 'v', value: { stringValue: text }, typeHint } as SqlParameter
    const { records } = await execute(
      `insert into typed(${column}) values (:v) returning ${column}`,
      [v],
    )
    expect(records).toEqual([[{ stringValue: text }]])
  })

  it('a hint gives a null its type', async () => {
    const v = { name: 'v', value: { isNull: true }, typeHint: 'UUID' } as const
    const { records } = await execute('select coalesce(:v, gen_random_uuid()) is not null', [v])
    expect(records).toEqual([[{ booleanValue: true }]])
  })

  it.each<[string, string, Field]>([
    ['42804', 'insert into typed(id) values (:v)', { stringValue: uuid }],
    ['42804', 'insert into typed(meta) values (:v)', { stringValue: '{}' }],
    ['42804', 'insert into typed(sent_at) values (:v)', { stringValue: '2026-11-23T08:30:00Z' }],
    ['42804', 'insert into typed(price) values (:v)', { stringValue: '1.5' }],
    ['42804', 'insert into typed(feeling) values (:v)', { stringValue: 'calm' }],
    ['42883', 'select 1 from typed where id = :v', { stringValue: uuid }],
    ['42883', 'select 1 from typed where big = :v', { stringValue: '1' }],
    ['42883', 'select 1 from typed where feeling = :v', { stringValue: 'calm' }],
  ])('without a cast fail with %s: %s', async (sqlState, sql, v) => {
    await expect(execute(sql, { v })).rejects.toMatchObject({
      name: 'DatabaseErrorException',
      message: expect.stringMatching(new RegExp(`^ERROR: .*; Hint: .*; SQLState: ${sqlState}$`)),
    })
  })

  it('numbers fit narrower columns', async () => {
    const { records } = await execute(
      'insert into typed(tries, price, ratio) values (:n, :n, :n) returning tries, price, ratio',
      { n: { longValue: 3 } },
    )
    expect(records).toEqual([[{ longValue: 3 }, { stringValue: '3.00' }, { doubleValue: 3 }]])
  })
})

describe('refused parameters', () => {
  const array: Field = { arrayValue: { stringValues: ['a'] } }
  it.each<[string, readonly SqlParameter[]]>([
    ['an array', [{ name: 'v', value: array }]],
    ['a missing one', [{ name: 'other', value: { stringValue: 'x' } }]],
    [
      'one given twice',
      [
        { name: 'v', value: { longValue: 1 } },
        { name: 'v', value: { longValue: 2 } },
      ],
    ],
    ['a fraction as a long', [{ name: 'v', value: { longValue: 1.5 } }]],
    ['a hint on a number', [{ name: 'v', value: { longValue: 1 }, typeHint: 'DATE' }]],
    [
      'an ISO time as TIMESTAMP',
      [{ name: 'v', value: { stringValue: '2026-11-23T08:30:00Z' }, typeHint: 'TIMESTAMP' }],
    ],
    [
      'an unknown hint',
      [{ name: 'v', value: { stringValue: 'x' }, typeHint: 'INTERVAL' } as never],
    ],
    ['isNull: false', [{ name: 'v', value: { isNull: false } }]],
    ['no name', [{ value: { stringValue: 'x' } }]],
  ])('%s is a ValidationException', async (_, parameters) => {
    await expect(execute('select :v', parameters)).rejects.toMatchObject({
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400 },
    })
  })

  it('knows no $1', async () => {
    await expect(execute('select $1, :v', { v: { longValue: 1 } })).rejects.toThrow(
      'ERROR: there is no parameter $1; SQLState: 42P02',
    )
  })

  it('says what PostgreSQL says of a bad value', async () => {
    await expect(execute('select :v::uuid', { v: { stringValue: 'x' } })).rejects.toThrow(
      'ERROR: invalid input syntax for type uuid: "x"; SQLState: 22P02',
    )
    await expect(execute('select :v', { v: { stringValue: 'a\u0000b' } })).rejects.toThrow(
      'SQLState: 22021',
    )
  })
})

describe('batches', () => {
  const send = (sql: string, sets: SqlParameter[][]) =>
    client.send(new BatchExecuteStatementCommand({ ...database.target, sql, parameterSets: sets }))
  const set = (tries: number): SqlParameter[] => [{ name: 'n', value: { longValue: tries } }]

  it('runs the statement once for each set', async () => {
    const sql = "insert into typed(tries, body) values (:n, 'batch')"
    const { updateResults } = await send(sql, [set(1), set(2), set(3)])
    expect(updateResults).toEqual([1, 2, 3].map(() => ({ generatedFields: [] })))
    const sum = await firstField("select sum(tries) from typed where body = 'batch'")
    expect(sum).toEqual({ longValue: 6 })
  })

  it('keeps the sets before a failing one', async () => {
    const sql = "insert into typed(tries, body) values (12 / :n::int, 'half')"
    await expect(send(sql, [set(1), set(0), set(2)])).rejects.toThrow('SQLState: 22012')
    const count = await firstField("select count(*) from typed where body = 'half'")
    expect(count).toEqual({ longValue: 1 })
  })

  it.each(['select :n', 'insert into typed(tries) values (:n);', 'drop table typed'])(
    'refuses %s',
    async (sql) => {
      await expect(send(sql, [set(1)])).rejects.toMatchObject({ name: 'ValidationException' })
    },
  )
})
