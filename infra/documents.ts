import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { openApiDocument } from '#shared/contracts/openapi/document.ts'
import { rooms } from '#shared/contracts/rooms.ts'
import { problemCatalogue } from '#shared/runtime/problems.ts'
import { errorCatalogue } from './error-catalogue.ts'

const root = resolve(import.meta.dirname, '..')

/** The documents that are made of the contracts: path from the root → text. */
export async function documents(): Promise<Readonly<Record<string, string>>> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const problems = problemCatalogue()
  return {
    'docs/openapi.json': `${JSON.stringify(openApiDocument({ version, rooms, problems }), null, 2)}\n`,
    'docs/errors.md': errorCatalogue(rooms, problems),
  }
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await documents())) {
    await writeFile(join(root, path), text)
    console.log(`${(Buffer.byteLength(text) / 1024).toFixed(0).padStart(6)} KB  ${path}`)
  }
}
