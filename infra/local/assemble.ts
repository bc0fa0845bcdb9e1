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
// `npm run check` and a deployment validate the template; at each start it would cost 1.7 s.
const unvalidated = {
  '@aws-cdk/core:validateAgainstDefaultRules': false,
  '@aws-cdk/core:strictCfnValidateErrors': false,
}
synthesize({
  outdir: join(directory, 'cdk.out'),
  codeDirectory,
  context: { ...unvalidated, ...JSON.parse(context ?? '{}') },
})
