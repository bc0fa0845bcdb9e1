import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { readAssembly } from './read-assembly.ts'
import type { Assembly } from './types.ts'

const script = resolve(import.meta.dirname, '../assemble.ts')

/**
 * Bundles the functions and synthesises the stack into `directory`, as `cdk deploy` would, and
 * reads it. Throws with the findings when the stack does not pass its checks; whatever happens,
 * nothing is written to `directory` afterwards.
 */
export async function buildAssembly(
  directory: string,
  context: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Assembly> {
  const run = promisify(execFile)
  const building = run(process.execPath, [script, directory, JSON.stringify(context)], {
    ...(signal && { signal }),
  })
  // Broken off it rejects at once, while the process may still write.
  const isOver = new Promise((resolve) => building.child.once('close', resolve))
  await building.finally(() => isOver)
  return readAssembly(join(directory, 'cdk.out'))
}
