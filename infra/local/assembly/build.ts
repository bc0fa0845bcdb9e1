import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { readAssembly } from './read-assembly.ts'
import type { Assembly } from './types.ts'

const script = resolve(import.meta.dirname, '../assemble.ts')

export interface AssemblyWish {
  readonly context: Readonly<Record<string, string>>
  /** Bundles that were made before, e.g. for another stack of the same sources. */
  readonly codeDirectory?: string | undefined
  readonly signal?: AbortSignal
}

/**
 * Bundles the functions and synthesises the stack into `directory`, as `cdk deploy` would, and
 * reads it. Throws when either fails; whatever happens, nothing is written to `directory`
 * afterwards.
 */
export async function buildAssembly(
  directory: string,
  { context, codeDirectory, signal }: AssemblyWish,
): Promise<Assembly> {
  const run = promisify(execFile)
  const bundles = codeDirectory === undefined ? [] : [codeDirectory]
  const building = run(process.execPath, [script, directory, JSON.stringify(context), ...bundles], {
    ...(signal && { signal }),
  })
  // Broken off it rejects at once, while the process may still write.
  const isOver = new Promise((resolve) => building.child.once('close', resolve))
  await building.finally(() => isOver)
  return readAssembly(join(directory, 'cdk.out'))
}
