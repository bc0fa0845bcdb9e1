import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startPostgres } from '#infra/local/postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The one server of the test run, on 127.0.0.1. */
    postgres: { port: number; superuser: { user: string; password: string } }
    /** A folder of the whole run. */
    scratch: string
  }
}

/** Starts one PostgreSQL for the whole run; test/support/database.ts makes databases in it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'recado-test-'))
  const postgres = await startPostgres({ directory, port: 0 })
  project.provide('postgres', { port: postgres.port, superuser: postgres.superuser })
  project.provide('scratch', directory)
  return async () => {
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
