import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { FuzzWorld } from './world.ts'

/** What must be installed is kept between runs; a new version of it needs a new folder. */
const folder = resolve('build/schemathesis-4.32.5')
const program = join(folder, 'bin/schemathesis')

const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'ignored_auth',
]

/**
 * A second opinion, by a tool that knows nothing of us: the document's examples, and values at and
 * beyond every limit of its schemas. Where Python or the package cannot be had it says so and
 * answers `skipped`.
 */
export async function askSchemathesis(
  world: FuzzWorld,
  seed: number,
): Promise<'passed' | 'failed' | 'skipped'> {
  if (!(await isInstalled()) && !(await install())) return 'skipped'
  const code = await run(program, [
    // Two workers meet a fault of Python 3.11 itself (python/cpython#106905).
    ...['run', 'docs/openapi.json', '--url', world.api, '--workers', '1'],
    ...['--header', `Authorization: ${world.authorization('own', '')}`],
    ...['--phases', 'examples,coverage', '--checks', checks.join(','), '--seed', String(seed)],
    ...['--continue-on-failure', '--no-shrink', '--generation-database', 'none'],
    ...['--warnings', 'off', '--no-color'],
  ])
  return code === 0 ? 'passed' : 'failed'
}

async function isInstalled(): Promise<boolean> {
  try {
    await access(program)
    return true
  } catch {
    return false
  }
}

async function install(): Promise<boolean> {
  const pip = join(folder, 'bin/pip')
  const requirements = 'test/fuzz/requirements.txt'
  return (
    (await run('python3', ['-m', 'venv', folder])) === 0 &&
    (await run(pip, ['install', '--quiet', '--requirement', requirements])) === 0
  )
}

/** The exit code; 127 for a program that is not there. */
async function run(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  try {
    const [code] = await once(child, 'exit')
    return Number(code ?? 1)
  } catch {
    return 127
  }
}
