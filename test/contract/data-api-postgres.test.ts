import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Postgres, startPostgres } from '#infra/local/postgres.ts'
import { createTemplate, freshDatabase } from '#test/support/database.ts'

let directory: string
let running: Postgres[]
let owners: ChildProcess[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recado-postgres-'))
  running = []
  owners = []
})

afterEach(async () => {
  for (const owner of owners) owner.kill('SIGKILL')
  await Promise.all(running.map((postgres) => postgres.stop()))
  // The server of a killed owner is still on its way out.
  await expect.poll(() => existsSync(pidFile()), { timeout: 10_000 }).toBe(false)
  await rm(directory, { recursive: true, force: true })
})

async function start(port = 0): Promise<Postgres> {
  const postgres = await startPostgres({ directory, port })
  running.push(postgres)
  return postgres
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows
  } finally {
    await client.end()
  }
}

/** Another process that starts a server in the directory; resolves once it runs. */
async function startInProcess(): Promise<ChildProcess> {
  const script = `
    import { startPostgres } from '#infra/local/postgres.ts'
    await startPostgres({ directory: ${JSON.stringify(directory)}, port: 0 })
    process.stdout.write('ready')
    setInterval(() => undefined, 1000)`
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  owners.push(owner)
  if (owner.stdout !== null) await once(owner.stdout, 'data')
  return owner
}

const pidFile = () => join(directory, 'cluster', 'postmaster.pid')

async function postmasterPid(): Promise<number> {
  return Number((await readFile(pidFile(), 'utf8')).split('\n')[0])
}

/** The process that has the server's id as an argument; brackets keep grep from finding itself. */
async function watchdogOf(pid: number): Promise<number> {
  const pattern = String(pid).replace(/^./, '[$&]')
  const search = `grep -l -a -z -x '${pattern}' /proc/[0-9]*/cmdline 2>/dev/null`
  const [found] = await once(spawn('sh', ['-c', search]).stdout, 'data')
  return Number(/\/proc\/(\d+)\//.exec(String(found))?.[1])
}

describe('PostgreSQL on one machine', () => {
  it('keeps its data, its password and its settings over stop and start', async () => {
    const first = await start()
    await query(first.urlFor('postgres'), 'create table kept as select 1 as one')
    await first.stop()
    const second = await start(first.port)
    expect(second.urlFor('postgres')).toBe(first.urlFor('postgres'))
    const settings = `select (select one from kept), current_setting('server_version_num')::int / 10000,
      current_setting('server_encoding'), current_setting('password_encryption'),
      current_setting('max_connections'), current_setting('listen_addresses'), current_setting('fsync')`
    expect(await query(second.urlFor('postgres'), settings)).toEqual([
      [1, 17, 'UTF8', 'scram-sha-256', '200', '127.0.0.1', 'off'],
    ])
  })

  it('asks for the password, and lets other roles in by theirs', async () => {
    const postgres = await start()
    await query(postgres.urlFor('postgres'), "create role ana login password 'p@ss/word'")
    const ana = { user: 'ana', password: 'p@ss/word' }
    const me = 'select current_user::text'
    expect(await query(postgres.urlFor('postgres', ana), me)).toEqual([['ana']])
    const wrong = postgres.urlFor('postgres', { user: 'postgres', password: 'password' })
    await expect(query(wrong, me)).rejects.toMatchObject({ code: '28P01' })
  })

  it('loses nothing that was committed when it is killed', async () => {
    const postgres = await start()
    const url = postgres.urlFor('postgres')
    await query(url, 'create table kept as select 1 as one')
    await postgres.kill()
    await expect(query(url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await postgres.restart()
    expect(await query(url, 'select one from kept')).toEqual([[1]])
  })

  it('may be stopped twice', async () => {
    const postgres = await start()
    await Promise.all([postgres.stop(), postgres.stop()])
    await postgres.stop()
    await expect(query(postgres.urlFor('postgres'), 'select 1')).rejects.toThrow('ECONNREFUSED')
  })

  it('says why it did not start', async () => {
    const postgres = await start()
    const other = { directory: join(directory, 'other'), port: postgres.port }
    await expect(startPostgres(other)).rejects.toThrow(`Port ${postgres.port} is taken`)
  })

  it.runIf(process.getuid?.() === 0)('says which directory is closed to it', async () => {
    const closed = join(directory, 'closed')
    await mkdir(closed)
    await chmod(closed, 0o700)
    await chmod(directory, 0o755)
    await expect(startPostgres({ directory: join(closed, 'inner'), port: 0 })).rejects.toThrow(
      `may not enter ${closed}`,
    )
  })

  it('ends by itself when its owner is killed', async () => {
    const owner = await startInProcess()
    owner.kill('SIGKILL')
    await expect.poll(() => existsSync(pidFile()), { timeout: 10_000 }).toBe(false)
  })

  it.runIf(existsSync('/proc/self'))('replaces one whose owner and watchdog are gone', async () => {
    const owner = await startInProcess()
    const pid = await postmasterPid()
    process.kill(await watchdogOf(pid), 'SIGKILL')
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    const postgres = await start()
    expect(await postmasterPid()).not.toBe(pid)
    expect(await query(postgres.urlFor('postgres'), 'select 1')).toEqual([[1]])
  })

  it.runIf(existsSync('/proc/self'))('leaves one alone whose owner lives', async () => {
    const owner = await startInProcess()
    await expect(startPostgres({ directory, port: 0 })).rejects.toThrow(
      `${directory} is in use by process ${owner.pid}`,
    )
  })
})

describe('databases of a test', () => {
  it('are copies of a template that several workers made at once, and made once', async () => {
    let migrations = 0
    const migrate = async (name: string) => {
      migrations += 1
      const url = seed.url.replace(seed.name, name)
      await query(url, 'create table made as select 7 as seven')
    }
    const seed = await freshDatabase()
    const template = `template_${seed.name}`
    await Promise.all([1, 2, 3].map(() => createTemplate(template, migrate)))
    const copies = await Promise.all([freshDatabase(template), freshDatabase(template)])
    for (const { url } of copies) expect(await query(url, 'select seven from made')).toEqual([[7]])
    await query(copies[0].url, 'drop table made')
    expect(await query(copies[1].url, 'select seven from made')).toEqual([[7]])
    expect(migrations).toBe(1)
    await Promise.all([...copies, seed].map((copy) => copy.drop()))
  })

  it('are not copies of a template whose migration failed', async () => {
    const template = `template_broken_${process.pid}`
    const failing = createTemplate(template, () => Promise.reject(new Error('bad migration')))
    await expect(failing).rejects.toThrow('bad migration')
    await expect(freshDatabase(template)).rejects.toMatchObject({ code: '3D000' })
    await createTemplate(template, async () => undefined)
    await (await freshDatabase(template)).drop()
  })

  it('are gone after drop(), whoever is connected', async () => {
    const database = await freshDatabase()
    const endpoint = await database.startDataApi()
    const client = new pg.Client({ connectionString: database.url })
    const errors: unknown[] = []
    client.on('error', (error: Error & { code?: string }) => errors.push(error.code))
    await client.connect()
    await database.drop()
    await expect.poll(() => errors).toContain('57P01')
    await expect(query(database.url, 'select 1')).rejects.toMatchObject({ code: '3D000' })
    await expect(fetch(`${endpoint.url}/_data-api/calls`)).rejects.toThrow()
  })
})
