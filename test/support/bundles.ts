import { access, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import { bundleFunctions, topologyEntries } from '#infra/bundle.ts'
import { alone } from './database.ts'

/**
 * The functions' bundles, made once for the whole run: every stack of it has the same sources. Of
 * several workers that ask at the same time one bundles, the others wait for it.
 */
export async function bundlesOfRun(): Promise<string> {
  const folder = join(inject('scratch'), 'functions')
  await alone('bundles', async () => {
    if (await exists(folder)) return
    const making = `${folder}.making`
    await bundleFunctions({ outputDirectory: making, entries: topologyEntries })
    await rename(making, folder)
  })
  return folder
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
