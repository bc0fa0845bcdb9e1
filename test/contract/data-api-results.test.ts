import type { Field, RDSDataClient, ResultSetOptions } from '@aws-sdk/client-rds-data'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Execute,
  type FreshDatabase,
  freshDatabase,
  makeDataApiClient,
  makeExecute,
} from '#test/support/database.ts'

let database: FreshDatabase
let client: RDSDataClient
let execute: Execute

beforeAll(async () => {
  database = await freshDatabase()
  client = makeDataApiClient(await database.startDataApi())
  execute = makeExecute(client, database.target)
  await execute("create type mood as enum ('calm', 'angry')")
  await execute(
    `create table notes (
       note_id bigint generated always as identity primary key, body varchar(80) not null,
       price numeric(12, 2), at timestamptz)`,
  )
})

afterAll(async () => {
  client.destroy()
  await database.drop()
})

async function row(sql: string, resultSetOptions?: ResultSetOptions): Promise<Field[]> {
  const { records } = await execute(sql, {}, { resultSetOptions })
  return records?.[0] ?? []
}

describe('fields', () => {
  it.each<[string, Field]>([
    ['null::text', { isNull: true }],
    ['true', { booleanValue: true }],
    ['1::int2', { longValue: 1 }],
    ['-2147483648', { longValue: -2147483648 }],
    ['9007199254740991', { longValue: 9007199254740991 }],
    ['1.1::float4', { doubleValue: 1.1 }],
    ["'NaN'::float8", { doubleValue: Number.NaN }],
    ["'-Infinity'::float8", { doubleValue: Number.NEGATIVE_INFINITY }],
    ['12.50', { stringValue: '12.50' }],
    ["'x'", { stringValue: 'x' }],
    ["'ab'::char(3)", { stringValue: 'ab ' }],
    ["'n'::name", { stringValue: 'n' }],
    [`'{"b": [1, null]}'::jsonb`, { stringValue: '{"b": [1, null]}' }],
    [
      "'5d8e5c3e-6f2a-4a0e-9d9b-2b1f6f3f0a11'::uuid",
      { stringValue: '5d8e5c3e-6f2a-4a0e-9d9b-2b1f6f3f0a11' },
    ],
    ["'calm'::mood", { stringValue: 'calm' }],
    ["'127.0.0.1'::inet", { stringValue: '127.0.0.1' }],
    ["'2026-11-23'::date", { stringValue: '2026-11-23' }],
    ["'08:30:00.5'::time", { stringValue: '08:30:00.5' }],
    ["'2026-11-23 08:30:00'::timestamp", { stringValue: '2026-11-23 08:30:00' }],
    ["'2026-11-23 08:30:00.123456-03'::timestamptz", { stringValue: '2026-11-23 11:30:00.123456' }],
    ["'infinity'::timestamptz", { stringValue: 'infinity' }],
    ["'0044-03-15 12:00:00+00 BC'::timestamptz", { stringValue: '0044-03-15 12:00:00 BC' }],
    ['array[1, null, 3]', { arrayValue: { longValues: [1, null, 3] as number[] } }],
    [
      "array['a,b', 'null', null, '\"']",
      { arrayValue: { stringValues: ['a,b', 'null', null, '"'] as string[] } },
    ],
    ["'{}'::text[]", { arrayValue: { stringValues: [] } }],
    ['array[true, false]', { arrayValue: { booleanValues: [true, false] } }],
    ['array[0.5::float8]', { arrayValue: { doubleValues: [0.5] } }],
    ['array[0.50]', { arrayValue: { stringValues: ['0.50'] } }],
    [
      "array['2026-11-23 08:30:00+00'::timestamptz]",
      { arrayValue: { stringValues: ['2026-11-23 08:30:00'] } },
    ],
    ["array['calm'::mood]", { arrayValue: { stringValues: ['calm'] } }],
  ])('%s', async (expression, expected) => {
    expect(await row(`select ${expression}`)).toEqual([expected])
  })

  it('returns bytes as bytes', async () => {
    const [field] = await row(String.raw`select '\x00ff10'::bytea`)
    expect(field?.blobValue).toEqual(Uint8Array.from([0, 255, 16]))
  })

  it('loses digits of a long beyond 2^53 and keeps them as a string', async () => {
    const sql = 'select 9007199254740993, array[9007199254740993]'
    expect(await row(sql)).not.toEqual(await row(sql, { longReturnType: 'STRING' }))
    expect(await row(sql, { longReturnType: 'STRING' })).toEqual([
      { stringValue: '9007199254740993' },
      { arrayValue: { stringValues: ['9007199254740993'] } },
    ])
  })

  it('returns decimals as numbers when asked', async () => {
    expect(await row('select 12.50, 7::numeric', { decimalReturnType: 'DOUBLE_OR_LONG' })).toEqual([
      { doubleValue: 12.5 },
      { longValue: 7 },
    ])
  })

  it.each([
    ['oid', '1::oid'],
    ['interval', "interval '1 day'"],
    ['money', "'1'::money"],
    ['point', 'point(1, 2)'],
    ['int4range', 'int4range(1, 2)'],
    ['regclass', "'pg_class'::regclass"],
    ['record', 'row(1, 2)'],
    ['char', `'a'::"char"`],
    ['void', 'pg_advisory_unlock_all()'],
    ['_bytea', String.raw`array['\x00'::bytea]`],
  ])('refuses the type %s', async (name, expression) => {
    await expect(execute(`select ${expression}`)).rejects.toMatchObject({
      name: 'UnsupportedResultException',
      message: `The result contains the unsupported data type ${name}.`,
    })
  })

  it('refuses an array of two dimensions', async () => {
    await expect(execute('select array[[1, 2], [3, 4]]')).rejects.toMatchObject({
      name: 'UnsupportedResultException',
    })
  })
})

describe('answers', () => {
  it('counts the rows of a change, and returns those of RETURNING instead', async () => {
    const inserted = await execute("insert into notes(body) values ('a'), ('b')")
    expect(inserted).toMatchObject({ numberOfRecordsUpdated: 2, generatedFields: [] })
    expect(inserted.records).toBeUndefined()
    const returned = await execute("update notes set body = 'c' returning body")
    expect(returned.records).toEqual([[{ stringValue: 'c' }], [{ stringValue: 'c' }]])
    expect(returned.numberOfRecordsUpdated).toBe(0)
    expect((await execute('delete from notes')).numberOfRecordsUpdated).toBe(2)
    expect((await execute('select 1 where false')).records).toEqual([])
    expect((await execute('create table empty()')).numberOfRecordsUpdated).toBe(0)
  })

  it('describes the columns when asked', async () => {
    const sql = 'select note_id, body as text, price, at, 1 as one, array[true] as flags from notes'
    expect((await execute(sql)).columnMetadata).toBeUndefined()
    const { columnMetadata } = await execute(sql, {}, { includeResultMetadata: true })
    expect(columnMetadata).toMatchObject([
      {
        name: 'note_id',
        label: 'note_id',
        typeName: 'int8',
        type: -5,
        nullable: 0,
        tableName: 'notes',
        schemaName: 'public',
        isAutoIncrement: true,
        isSigned: true,
      },
      {
        name: 'body',
        label: 'text',
        typeName: 'varchar',
        type: 12,
        nullable: 0,
        precision: 80,
        isCaseSensitive: true,
        isAutoIncrement: false,
      },
      { name: 'price', typeName: 'numeric', type: 2, nullable: 1, precision: 12, scale: 2 },
      { name: 'at', typeName: 'timestamptz', type: 93, nullable: 1 },
      { name: 'one', typeName: 'int4', type: 4, nullable: 2, tableName: '', schemaName: '' },
      { name: 'flags', typeName: '_bool', type: 2003, arrayBaseColumnType: -7 },
    ])
  })

  it('formats records as JSON when asked', async () => {
    const sql = `select 1 as id, 'é' as name, null as nothing, 1.50 as price, true as ok,
                        '{"a":1}'::jsonb as meta, array[1, 2] as list`
    const answer = await execute(sql, {}, { formatRecordsAs: 'JSON', includeResultMetadata: true })
    expect(answer.records).toBeUndefined()
    expect(answer.columnMetadata).toBeUndefined()
    expect(JSON.parse(answer.formattedRecords ?? '')).toEqual([
      { id: 1, name: 'é', nothing: null, price: '1.50', ok: true, meta: '{"a": 1}', list: [1, 2] },
    ])
    await expect(
      execute('select 1 as a, 2 as a', {}, { formatRecordsAs: 'JSON' }),
    ).rejects.toMatchObject({ name: 'BadRequestException' })
  })
})

describe('sessions', () => {
  it('forget what a call told them', async () => {
    await execute("set application_name = 'left behind'")
    await execute("select set_config('recado.tenant', '7', false)")
    await execute("set time zone 'America/Sao_Paulo'")
    await execute('create temporary table scratch (a int)')
    await execute('begin')
    const [name, tenant, zone, scratch] = await row(
      `select current_setting('application_name'), current_setting('recado.tenant', true),
              current_setting('TimeZone'), to_regclass('scratch')::text`,
    )
    expect(name).toEqual({ stringValue: 'rds-data-api' })
    expect(tenant?.stringValue ?? '').toBe('')
    expect(zone).toEqual({ stringValue: 'UTC' })
    expect(scratch).toEqual({ isNull: true })
    const open = "select count(*) from pg_stat_activity where state like 'idle in transaction%'"
    await expect.poll(() => row(open)).toEqual([{ longValue: 0 }])
  })

  it('forget a role', async () => {
    await execute('set role pg_monitor')
    expect(await row('select current_user::text')).toEqual([{ stringValue: 'postgres' }])
  })
})

describe('limits', () => {
  const packet = { name: 'BadRequestException', message: 'Packet for query is too large' }
  const response = { name: 'BadRequestException', message: 'Database response exceeded size limit' }

  it('returns a row of 64 KB and no larger one', async () => {
    expect((await row("select repeat('x', 65536)"))[0]?.stringValue).toHaveLength(65_536)
    await expect(execute("select repeat('x', 65537)")).rejects.toMatchObject(packet)
    await expect(execute("select repeat('é', 32767), 'abc'")).rejects.toMatchObject(packet)
    const bytes = "decode(repeat('00', 65536), 'hex')"
    expect((await row(`select ${bytes}`))[0]?.blobValue).toHaveLength(65_536)
    await expect(execute(`select ${bytes}, 'a'`)).rejects.toMatchObject(packet)
  })

  it('returns a result of 1 MiB and no larger one', async () => {
    const sql = (rows: number) => `select repeat('x', 32768) from generate_series(1, ${rows})`
    expect((await execute(sql(32))).records).toHaveLength(32)
    await expect(execute(sql(33))).rejects.toMatchObject(response)
  })

  it('formats more than 1 MiB as JSON, up to 10 MiB', async () => {
    const sql = (rows: number) => `select repeat('x', 60000) as x from generate_series(1, ${rows})`
    const large = await execute(sql(100), {}, { formatRecordsAs: 'JSON' })
    expect(JSON.parse(large.formattedRecords ?? '')).toHaveLength(100)
    await expect(execute(sql(180), {}, { formatRecordsAs: 'JSON' })).rejects.toMatchObject(response)
  })

  it('takes a request of almost 4 MiB and no larger one', async () => {
    const send = (length: number) =>
      execute('select length(:v)', { v: { stringValue: 'x'.repeat(length) } })
    const almost = 4 * 1024 * 1024 - 2048
    expect((await send(almost)).records).toEqual([[{ longValue: almost }]])
    await expect(send(4 * 1024 * 1024)).rejects.toMatchObject({
      name: 'RequestEntityTooLargeException',
      $metadata: { httpStatusCode: 413 },
    })
  })

  it('takes SQL of 65,536 characters and no longer one', async () => {
    const sql = (length: number) => `select 1 --${'x'.repeat(length - 11)}`
    expect((await execute(sql(65_536))).records).toEqual([[{ longValue: 1 }]])
    await expect(execute(sql(65_537))).rejects.toMatchObject({ name: 'ValidationException' })
  })
})
