import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Parsed JSON of a file; undefined when no path is given or the file does not exist. */
export function loadJsonFile(path: string | undefined): unknown {
  if (path === undefined) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Replaces a file in one step, readable by its owner only (it may hold keys); makes its folder.
 * Does nothing when no path is given.
 */
export function saveJsonFile(path: string | undefined, value: unknown): void {
  if (path === undefined) return
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.new`
  writeFileSync(draft, JSON.stringify(value), { mode: 0o600 })
  renameSync(draft, path)
}
