import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { config } from '#shared/runtime/config.ts'
import { publicFiles, versionOf } from '#shared/runtime/public-files.ts'
import { docsEnv } from '../env.ts'

config(docsEnv)

/** The files lie beside the bundle. */
const read = (name: string) => readFileSync(join(import.meta.dirname, 'docs', name), 'utf8')

const javascript = 'text/javascript; charset=utf-8'
const assets = [
  { name: 'swagger-ui.css', contentType: 'text/css; charset=utf-8', text: read('swagger-ui.css') },
  { name: 'swagger-ui-bundle.js', contentType: javascript, text: read('swagger-ui-bundle.js') },
  { name: 'start.js', contentType: javascript, text: read('start.js') },
]
const version = versionOf(...assets.map(({ text }) => text))
const fresh = 'public, max-age=300'
/** The page asks for them by their version. */
const forever = 'public, max-age=31536000, immutable'

export const handler = publicFiles({
  '/openapi.json': {
    contentType: 'application/json',
    text: read('openapi.json'),
    cacheControl: fresh,
  },
  '/docs': {
    contentType: 'text/html; charset=utf-8',
    text: read('index.html').replaceAll('{version}', version),
    cacheControl: fresh,
  },
  ...Object.fromEntries(
    assets.map(({ name, ...file }) => [`/docs/${name}`, { ...file, cacheControl: forever }]),
  ),
})
