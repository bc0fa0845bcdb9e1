import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text as readText } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ready } from '#infra/local/stack.ts'
import { freeBlock, listenOn } from '#test/support/ports.ts'
import { until } from '#test/support/stack.ts'

const local = join(import.meta.dirname, '../../infra/local')
const ended = Symbol('ended')

/** `npm start` as its own process, as people run it. */
describe('the stack as a process', () => {
  let folder: string
  const started = new Set<ChildProcess>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recado-lifecycle-'))
    await chmod(folder, 0o711)
  })
  afterAll(async () => {
    for (const child of started) if (child.exitCode === null) child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  function run(args: readonly string[], environment: Record<string, string> = {}) {
    return runScript('main.ts', args, environment)
  }

  function runScript(
    script: 'main.ts' | 'demo.ts',
    args: readonly string[],
    environment: Record<string, string> = {},
  ) {
    const child = spawn(process.execPath, [join(local, script), ...args], {
      env: { ...process.env, TMPDIR: folder, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    started.add(child)
    return child
  }

  /** What it said and how it ended. */
  async function end(child: ChildProcess) {
    if (child.stdout === null || child.stderr === null) throw new Error('no streams')
    const [out, error, [code]] = await Promise.all([
      readText(child.stdout),
      readText(child.stderr),
      once(child, 'exit'),
    ])
    return { out, error, code }
  }

  async function ready(child: ChildProcess): Promise<Ready> {
    if (child.stdout === null) throw new Error('no stdout')
    const line = once(createInterface(child.stdout), 'line').then(([first]) => String(first))
    const first = await Promise.race([line, once(child, 'exit').then(() => ended)])
    if (first === ended) throw new Error('the stack ended before it was ready')
    expect(String(first)).toMatch(/^ready \{/)
    return JSON.parse(String(first).slice('ready '.length)) as Ready
  }

  async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM') {
    const exit = once(child, 'exit')
    child.kill(signal)
    expect((await exit)[0]).toBe(0)
  }

  const answers = (url: string) =>
    fetch(url).then(
      () => true,
      () => false,
    )
  const call = async (ready: Ready, path: string, body?: unknown) => {
    const response = await fetch(`${ready.api}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${ready.token}`,
        'content-type': 'application/json',
        'idempotency-key': 'lifecycle',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, json: (await response.json()) as Record<string, unknown> }
  }
  const ana = {
    person: { externalId: '8812', name: 'Ana Lima' },
    contacts: [{ channel: 'WHATSAPP', address: '+5511987654321' }],
  }

  /** Ids of PostgreSQL's processes whose data lies under this folder. */
  async function postmasters(): Promise<readonly number[]> {
    const files = await readdir(folder, { recursive: true })
    const pids = files.filter((file) => file.endsWith('postmaster.pid'))
    const texts = await Promise.all(pids.map((file) => readFile(join(folder, file), 'utf8')))
    return texts.map((content) => Number(content.split('\n')[0]))
  }

  const isAlive = (pid: number) => {
    try {
      process.kill(pid, 0)
      return true
    } catch {
      return false
    }
  }

  it('two run side by side; each stops without a trace of itself', async () => {
    const [one, other] = [run(['--port', '0']), run(['--port', '0'])]
    const [first, second] = await Promise.all([ready(one), ready(other)])
    expect(new URL(first.api).port).not.toBe(new URL(second.api).port)
    expect((await call(first, '/chats', ana)).status).toBe(201)
    expect((await call(second, '/chats')).json).toEqual({ items: [], nextCursor: null })
    const servers = await postmasters()
    expect(servers).toHaveLength(2)

    await stop(one, 'SIGINT')
    expect((await call(second, '/chats')).status).toBe(200)
    expect(await answers(first.whatsapp)).toBe(false)
    await stop(other)
    expect(servers.filter(isAlive)).toEqual([])
    expect(await readdir(folder)).toEqual([])
  })

  it('a start that is broken off leaves nothing behind', async () => {
    const starting = run(['--port', '0'])
    await until(
      () => readdir(folder),
      (made) => made.length > 0,
    )
    await stop(starting)
    expect(await readdir(folder)).toEqual([])
  })

  it('nor does a demo that is broken off while its stack starts', async () => {
    const starting = runScript('demo.ts', [])
    await until(
      () => readdir(folder),
      (made) => made.length > 0,
    )
    starting.kill('SIGINT')
    expect(await end(starting)).toEqual({ out: '', error: '', code: 130 })
    expect(await readdir(folder)).toEqual([])
  })

  it('with --data all is there after a restart, tokens are still good, and the demo plays on it', async () => {
    const directory = join(folder, 'kept')
    const args = ['--port', String(await freeBlock()), '--data', directory]
    const before = run(args)
    const first = await ready(before)
    const { json: chat } = await call(first, '/chats', ana)
    const content = { type: 'template', name: 'aviso_geral', language: 'pt_BR' }
    const said = { channel: 'WHATSAPP', content }
    const posted = await call(first, `/chats/${chat.chatId}/messages`, said)
    expect(posted.status).toBe(202)
    await stop(before)
    expect(await postmasters()).toEqual([])

    const after = run(args)
    const second = await ready(after)
    expect(second.api).toBe(first.api)
    const kept = { ...second, token: first.token }
    expect((await call(kept, `/chats/${chat.chatId}`)).json).toMatchObject({
      chatId: chat.chatId,
      person: { externalId: '8812', name: 'Ana Lima' },
    })
    const { json: thread } = await call(kept, `/chats/${chat.chatId}/messages`)
    expect(thread.items).toMatchObject([{ content }])
    const repeated = await call(kept, `/chats/${chat.chatId}/messages`, said)
    expect(repeated).toEqual(posted)

    const demo = await end(runScript('demo.ts', ['--api', second.api]))
    expect(demo).toMatchObject({ code: 0, error: '' })
    expect(demo.out).toMatch(/\ndemo: \d+ steps passed in /)
    await stop(after)
    expect(await readdir(folder)).toEqual(['kept'])
  }, 180_000)

  describe('does not start, and says what is wrong in one line', () => {
    const wrong: readonly (readonly [string, readonly string[], Record<string, string>])[] = [
      ['AWS_ENDPOINT_URL_SQS', [], { AWS_ENDPOINT_URL_SQS: 'not a url' }],
      ['AWS_ENDPOINT_URL_SQS', [], { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' }],
      ['WHATSAPP_GRAPH_URL', [], { WHATSAPP_GRAPH_URL: '' }],
      ['DATABASE_URL', [], { DATABASE_URL: 'mysql://127.0.0.1/recado' }],
      ['DATABASE_URL', [], { DATABASE_URL: 'postgresql://x:y@127.0.0.1:1/recado' }],
      ['TIME_SCALE', [], { TIME_SCALE: '20' }],
      ['--port', ['--port', 'seven'], {}],
      ['--ports', ['--ports', '1'], {}],
    ]
    it.each(wrong)('%s', async (name, args, environment) => {
      expect(await refusal(args, environment)).toContain(name)
    })

    it('--port, when a neighbour has one of the ports', async () => {
      const port = await freeBlock()
      const neighbour = await listenOn(port)
      expect(await refusal(['--port', String(port)], {})).toMatch(
        new RegExp(`^Port ${port} .* --port`),
      )
      neighbour.close()
    })

    async function refusal(args: readonly string[], environment: Record<string, string>) {
      const before = await readdir(folder)
      const { out, error, code } = await end(run(['--port', '0', ...args], environment))
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect(error.trim().split('\n')).toHaveLength(1)
      expect(error).not.toContain('    at ')
      expect(await readdir(folder)).toEqual(before)
      return error
    }
  })
})
