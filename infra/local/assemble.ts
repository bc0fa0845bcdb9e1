import { join } from 'node:path'
import { synthesize } from '#infra/app.ts'
import { bundleFunctions, topologyEntries } from '#infra/bundle.ts'

// A process of its own: synthesis keeps the CPU for seconds while the other parts start.
const [directory, context, bundled] = process.argv.slice(2)
if (directory === undefined) {
  throw new Error('usage: assemble.ts <directory> [context as JSON] [folder of bundles]')
}
const codeDirectory = bundled ?? join(directory, 'functions')
if (bundled === undefined) {
  await bundleFunctions({ outputDirectory: codeDirectory, entries: topologyEntries })
}
synthesize({
  outdir: join(directory, 'cdk.out'),
  codeDirectory,
  context: JSON.parse(context ?? '{}'),
})
