import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import { functions } from '#infra/topology.ts'

const root = resolve(import.meta.dirname, '..')

/** Function name → handler file, absolute or relative to the root of the project. */
export type Entries = Readonly<Record<string, string>>

export interface BundleRequest {
  /** Gets one folder per function: `<functionName>/index.mjs`. */
  readonly outputDirectory: string
  readonly entries: Entries
}

export interface BundledFunction {
  readonly name: string
  /** Size of `index.mjs`, not compressed. */
  readonly bytes: number
}

/** The handler files of everything that the topology lists. */
export const topologyEntries: Entries = Object.fromEntries(
  Object.entries(functions).map(([name, spec]) => [name, spec.entry]),
)

/** What lies beside the bundle of a function that reads files: copied into its folder. */
const carried: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  migrate: (folder) => copyMigrations(join(folder, 'migrations')),
  'api-docs': (folder) => copyReference(join(folder, 'docs')),
}

const options = {
  absWorkingDir: root,
  bundle: true,
  // CommonJS inside an ES module: `require` of a built-in must exist, esbuild's stand-in throws.
  banner: {
    js: "import{createRequire as createRequire_}from'node:module';const require=createRequire_(import.meta.url);",
  },
  entryNames: '[dir]/index',
  format: 'esm',
  keepNames: true,
  legalComments: 'none',
  logLevel: 'silent',
  // The default for node prefers CommonJS builds, which cannot be tree-shaken.
  mainFields: ['module', 'main'],
  minify: true,
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  sourcemap: 'external',
  target: 'node24',
  write: false,
} as const satisfies BuildOptions

/**
 * Bundles every entry in one esbuild run: ESM, minified, AWS SDK included. The same sources give
 * the same bytes, so that an unchanged function is not deployed again. Source maps go to
 * `<outputDirectory>/source-maps/<functionName>.mjs.map`, which is not shipped.
 * @throws esbuild's BuildFailure, with file and line, when an entry does not build.
 */
export async function bundleFunctions(request: BundleRequest): Promise<BundledFunction[]> {
  const outputDirectory = resolve(request.outputDirectory)
  const result = await build({
    ...options,
    entryPoints: Object.entries(request.entries).map(([name, file]) => ({
      in: resolve(root, file),
      out: `${name}/index`,
    })),
    outdir: outputDirectory,
  })
  await emptyFolders(outputDirectory, Object.keys(request.entries))
  for (const file of result.outputFiles) {
    await writeFile(targetOf(outputDirectory, file.path), file.contents)
  }
  for (const [name, copy] of Object.entries(carried)) {
    if (name in request.entries) await copy(join(outputDirectory, name))
  }
  return result.outputFiles
    .filter((file) => file.path.endsWith('.mjs'))
    .map((file) => ({ name: functionOf(file.path), bytes: file.contents.byteLength }))
    .sort((a, b) => a.name.localeCompare(b.name))
}

const functionOf = (path: string) => basename(dirname(path))

function targetOf(outputDirectory: string, path: string): string {
  return path.endsWith('.map')
    ? join(outputDirectory, 'source-maps', `${functionOf(path)}.mjs.map`)
    : path
}

/** Only what this run writes is removed: an old file in a folder would change its asset hash. */
async function emptyFolders(outputDirectory: string, names: readonly string[]): Promise<void> {
  await mkdir(join(outputDirectory, 'source-maps'), { recursive: true })
  for (const name of names) {
    await rm(join(outputDirectory, name), { recursive: true, force: true })
    await mkdir(join(outputDirectory, name))
  }
}

async function copyMigrations(target: string): Promise<void> {
  const source = join(root, 'migrations')
  await mkdir(join(target, 'functions'), { recursive: true })
  for (const folder of ['', 'functions']) {
    const names = await readdir(join(source, folder))
    for (const name of names.filter((candidate) => candidate.endsWith('.sql'))) {
      await cp(join(source, folder, name), join(target, folder, name))
    }
  }
}

/** The API's document, its page, and what draws it with the licence that goes along. */
async function copyReference(target: string): Promise<void> {
  const renderer = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')))
  const files = [
    join(root, 'docs/openapi.json'),
    join(root, 'docs/reference/index.html'),
    join(root, 'docs/reference/start.js'),
    ...['swagger-ui.css', 'swagger-ui-bundle.js', 'LICENSE', 'NOTICE'].map((name) =>
      join(renderer, name),
    ),
  ]
  await mkdir(target, { recursive: true })
  for (const file of files) await cp(file, join(target, basename(file)))
}

/** One line a function, `<KB> <name>`, for people who watch cold starts. */
export function sizeLines(bundles: readonly BundledFunction[]): string[] {
  return bundles.map(({ name, bytes }) => `${(bytes / 1024).toFixed(0).padStart(6)} KB  ${name}`)
}

if (import.meta.main) {
  const outputDirectory = process.argv[2] ?? join(root, 'build/functions')
  const bundles = await bundleFunctions({ outputDirectory, entries: topologyEntries })
  console.log(`${relative(process.cwd(), outputDirectory) || '.'}:`)
  for (const line of sizeLines(bundles)) console.log(line)
}
