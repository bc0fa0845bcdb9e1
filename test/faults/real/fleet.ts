import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { Luck } from '../simulation/luck.ts'

/** Compute processes on fixed ports; who is killed is replaced at once. */
export interface Fleet {
  readonly counts: { kills: number; pauses: number }
  /** Processes that ended without being told to, with their last words. */
  readonly deaths: readonly string[]
  /** Of any member, dead or alive. */
  gateway(): string
  /** SIGKILL to one by chance, of those that answer: who is still starting has nothing to lose. */
  kill(): Promise<void>
  /** SIGSTOP to one by chance, SIGCONT after the time. */
  pause(milliseconds: number): Promise<void>
  /** All answer. */
  ready(): Promise<void>
  stop(): Promise<void>
}

interface Member {
  readonly port: number
  process: ChildProcess
  /** Of the process that is there now. */
  ready: Promise<unknown>
  answers: boolean
}

const entry = join(import.meta.dirname, '../../../infra/local/compute.ts')
/** Below the range from which the system gives free ports to others. */
const portRange = { first: 20_000, last: 30_000 }

export async function startFleet(options: {
  readonly size: number
  readonly planFile: string
  readonly luck: Luck
  /** Hears each line that a process writes. */
  readonly onLine: (line: string) => void
}): Promise<Fleet> {
  const { luck } = options
  const counts = { kills: 0, pauses: 0 }
  const deaths: string[] = []
  const members: Member[] = []
  const expected = new WeakSet<ChildProcess>()

  function launch(port: number): Member {
    const child = start(options.planFile, port)
    const ready = firstLine(child, options.onLine)
    const lastWords = listen(child, options.onLine)
    const member = { port, process: child, ready, answers: false }
    void ready.then(() => {
      member.answers = true
    })
    child.once('exit', (code, signal) => {
      if (expected.has(child)) return
      deaths.push(`code ${code}, signal ${signal}: ${lastWords()}`)
      replace(member)
    })
    return member
  }

  function replace(member: Member): void {
    members[members.indexOf(member)] = launch(member.port)
  }

  async function end(member: Member): Promise<void> {
    const { process } = member
    if (process.exitCode !== null || process.signalCode !== null) return
    expected.add(process)
    const exit = once(process, 'exit')
    process.kill('SIGKILL')
    await exit
  }

  for (const port of await freePorts(options.size, luck)) members.push(launch(port))
  return {
    counts,
    deaths,
    gateway: () => `http://127.0.0.1:${luck.pick(members).port}`,
    kill: async () => {
      await Promise.race(members.map(({ ready }) => ready))
      const member = luck.pick(members.filter(({ answers }) => answers))
      counts.kills += 1
      await end(member)
      replace(member)
    },
    pause: async (milliseconds) => {
      const { process } = luck.pick(members)
      counts.pauses += 1
      process.kill('SIGSTOP')
      await pause(milliseconds)
      process.kill('SIGCONT')
    },
    ready: async () => void (await Promise.all(members.map(({ ready }) => ready))),
    stop: async () => void (await Promise.all(members.map(end))),
  }
}

function start(planFile: string, port: number): ChildProcess {
  // The channel ends with this process, and the child ends with the channel.
  return spawn(process.execPath, [entry, planFile, String(port)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
}

const mostWords = 2000

function listen({ stderr }: ChildProcess, onLine: (line: string) => void): () => string {
  if (stderr === null) throw new Error('a process without stderr')
  let words = ''
  createInterface(stderr).on('line', (line) => {
    words = `${words}${line}\n`.slice(-mostWords)
    onLine(line)
  })
  return () => words
}

/** Settles with the end too: who waits for all asks again. */
function firstLine(child: ChildProcess, onLine: (line: string) => void): Promise<unknown> {
  if (child.stdout === null) throw new Error('a process without stdout')
  const lines = createInterface(child.stdout).on('line', onLine)
  return Promise.race([once(lines, 'line'), once(child, 'exit')])
}

async function freePorts(count: number, luck: Luck): Promise<number[]> {
  const found = new Set<number>()
  while (found.size < count) {
    const port = luck.between(portRange.first, portRange.last)
    if (await isFree(port)) found.add(port)
  }
  return [...found]
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
