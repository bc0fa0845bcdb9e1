import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { access, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { readAssembly } from './read-assembly.ts'
import type { Assembly } from './types.ts'

const script = resolve(import.meta.dirname, '../assemble.ts')

/** Where a stack's own parts answer; what is assembled holds a placeholder for each. */
interface AssemblyAddresses {
  readonly issuer: string
  readonly graphUrl: string
}

const placeholders: AssemblyAddresses = {
  issuer: 'http://issuer.invalid',
  graphUrl: 'http://graph.invalid',
}

export interface AssemblyWish {
  readonly context: Readonly<Record<string, string>>
  readonly addresses: AssemblyAddresses
  /**
   * Bundles that were made before, e.g. for another stack of the same sources. What is assembled of
   * them is kept beside them, for the next stack with the same context.
   */
  readonly codeDirectory?: string | undefined
  readonly signal?: AbortSignal
}

/**
 * Bundles the functions and synthesises the stack into `directory`, as `cdk deploy` would, and
 * reads it. Throws when either fails; whatever happens, nothing is written to `directory`
 * afterwards.
 */
export async function buildAssembly(directory: string, wish: AssemblyWish): Promise<Assembly> {
  const made =
    wish.codeDirectory === undefined
      ? await assemble(directory, wish)
      : await assembledOnce(wish.codeDirectory, wish)
  return readAssembly(join(made, 'cdk.out'), (text) =>
    text
      .replaceAll(placeholders.issuer, wish.addresses.issuer)
      .replaceAll(placeholders.graphUrl, wish.addresses.graphUrl),
  )
}

/** Two who ask at once both make it; the first one's stays. */
async function assembledOnce(codeDirectory: string, wish: AssemblyWish): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(wish.context)).digest('hex').slice(0, 16)
  const kept = `${codeDirectory}-assembled-${key}`
  if (await exists(kept)) return kept
  const making = await assemble(`${kept}-${randomUUID()}`, wish)
  await rename(making, kept).catch(async (error: unknown) => {
    if (!(await exists(kept))) throw error
    await rm(making, { recursive: true, force: true })
  })
  return kept
}

async function assemble(
  directory: string,
  { context, codeDirectory, signal }: AssemblyWish,
): Promise<string> {
  const run = promisify(execFile)
  const bundles = codeDirectory === undefined ? [] : [codeDirectory]
  const settings = JSON.stringify({ ...context, ...placeholders })
  const building = run(process.execPath, [script, directory, settings, ...bundles], {
    ...(signal && { signal }),
  })
  // Broken off it rejects at once, while the process may still write.
  const isOver = new Promise((resolve) => building.child.once('close', resolve))
  await building.finally(() => isOver)
  return directory
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
