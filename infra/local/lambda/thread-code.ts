import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'

let cached: URL | undefined

/**
 * The thread's code as JavaScript in a data: URL. Handing `worker.ts` itself to each thread makes
 * Node load its type stripper there: 95 ms and 22 MB an environment, instead of 28 ms and 12 MB.
 */
export function threadCode(): URL {
  if (cached !== undefined) return cached
  const file = fileURLToPath(new URL('./worker.ts', import.meta.url))
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    format: 'esm',
    loader: 'ts',
    target: 'node24',
  })
  cached = new URL(`data:text/javascript,${encodeURIComponent(code)}`)
  return cached
}
