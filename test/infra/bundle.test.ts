import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleFunctions, sizeLines, topologyEntries } from '#infra/bundle.ts'
import { functions } from '#infra/topology.ts'

let directory: string
beforeAll(async () => {
  // Inside the project, so that the entries find its packages.
  await mkdir('build', { recursive: true })
  directory = await mkdtemp(join('build', 'bundle-test-'))
  await writeFile(join(directory, 'greet.ts'), greet)
  await writeFile(join(directory, 'send.ts'), send)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const greet = `
import type { Context } from 'aws-lambda'
export class Refused extends Error {}
export const handler = async (event: { name: string }, _context?: Context) => {
  if (event.name === '') throw new Refused('no name')
  return \`olá \${event.name}\`
}
`
const send = `
import { SQSClient } from '@aws-sdk/client-sqs'
import * as z from 'zod'
const client = new SQSClient({ region: 'sa-east-1' })
export const handler = async (event: unknown) =>
  [z.object({ a: z.int() }).parse(event).a, client.config.serviceId]
`

const entries = () => ({ greet: join(directory, 'greet.ts'), send: join(directory, 'send.ts') })
const bundleTo = async (name: string, chosen: Readonly<Record<string, string>> = entries()) => {
  const outputDirectory = join(directory, name)
  const bundles = await bundleFunctions({ outputDirectory, entries: chosen })
  return { bundles, outputDirectory }
}
const load = (outputDirectory: string, name: string) =>
  import(pathToFileURL(join(outputDirectory, name, 'index.mjs')).href)

describe('bundleFunctions', () => {
  it('makes a folder per function that holds index.mjs and nothing else', async () => {
    const { outputDirectory } = await bundleTo('folders')
    expect(await readdir(join(outputDirectory, 'greet'))).toEqual(['index.mjs'])
    expect(await readdir(join(outputDirectory, 'send'))).toEqual(['index.mjs'])
  })

  it('makes modules that run, with the AWS SDK inside', async () => {
    const { outputDirectory } = await bundleTo('runs')
    const module = await load(outputDirectory, 'greet')
    expect(await module.handler({ name: 'Zé' })).toBe('olá Zé')
    // Away from every node_modules, as in a Lambda.
    const elsewhere = await mkdtemp(join(tmpdir(), 'recado-bundle-'))
    const file = join(elsewhere, 'index.mjs')
    await writeFile(file, await readFile(join(outputDirectory, 'send', 'index.mjs')))
    const { handler } = await import(pathToFileURL(file).href)
    expect(await handler({ a: 1 })).toEqual([1, 'SQS'])
    await rm(elsewhere, { recursive: true })
  })

  it('keeps the names of classes, which logs show', async () => {
    const { outputDirectory } = await bundleTo('names')
    const { handler, Refused } = await load(outputDirectory, 'greet')
    await expect(handler({ name: '' })).rejects.toBeInstanceOf(Refused)
    expect(Refused.name).toBe('Refused')
  })

  it('gives the same bytes again, wherever they are written', async () => {
    const first = await bundleTo('same-1')
    const second = await bundleTo('deeper/same-2')
    const read = (folder: string) => readFile(join(folder, 'send', 'index.mjs'), 'utf8')
    expect(await read(second.outputDirectory)).toBe(await read(first.outputDirectory))
  })

  it('keeps source maps beside the folders that are shipped', async () => {
    const { outputDirectory } = await bundleTo('maps')
    expect((await readdir(join(outputDirectory, 'source-maps'))).sort()).toEqual([
      'greet.mjs.map',
      'send.mjs.map',
    ])
    const map = JSON.parse(
      await readFile(join(outputDirectory, 'source-maps', 'greet.mjs.map'), 'utf8'),
    )
    expect(map.sources).toEqual([expect.stringMatching(/greet\.ts$/)])
  })

  it('removes what an earlier run left in a folder', async () => {
    const { outputDirectory } = await bundleTo('again')
    await writeFile(join(outputDirectory, 'greet', 'old.sql'), 'select 1')
    await bundleTo('again')
    expect(await readdir(join(outputDirectory, 'greet'))).toEqual(['index.mjs'])
  })

  it('puts every SQL file beside the migration, and nothing else', async () => {
    const { outputDirectory } = await bundleTo('sql', { migrate: join(directory, 'greet.ts') })
    for (const folder of ['migrations', 'migrations/functions']) {
      const source = (await readdir(folder)).filter((name) => name.endsWith('.sql'))
      const shipped = await readdir(join(outputDirectory, 'migrate', folder))
      expect(source.length).toBeGreaterThan(0)
      expect(shipped.filter((name) => name !== 'functions').sort()).toEqual(source.sort())
    }
  })

  it('puts the document of the API and its page beside the function that shows them', async () => {
    const { outputDirectory } = await bundleTo('docs', { 'api-docs': join(directory, 'greet.ts') })
    const folder = join(outputDirectory, 'api-docs', 'docs')
    expect((await readdir(folder)).sort()).toEqual([
      'LICENSE',
      'NOTICE',
      'index.html',
      'openapi.json',
      'start.js',
      'swagger-ui-bundle.js',
      'swagger-ui.css',
    ])
    expect(await readFile(join(folder, 'openapi.json'), 'utf8')).toBe(
      await readFile('docs/openapi.json', 'utf8'),
    )
  })

  it('says which file does not build, and leaves the old bundle', async () => {
    const { outputDirectory } = await bundleTo('broken')
    await writeFile(join(directory, 'broken.ts'), "import './not-there.ts'\n")
    const broken = { greet: join(directory, 'broken.ts') }
    await expect(bundleTo('broken', broken)).rejects.toThrow(/broken\.ts:1/)
    expect(await readdir(join(outputDirectory, 'greet'))).toEqual(['index.mjs'])
  })

  it('reports sizes, one line a function', async () => {
    const { bundles } = await bundleTo('sizes')
    expect(bundles.map(({ name }) => name)).toEqual(['greet', 'send'])
    expect(sizeLines([{ name: 'send', bytes: 312_000 }])).toEqual(['   305 KB  send'])
  })
})

it('bundles every function of the topology from its entry', () => {
  expect(topologyEntries).toEqual(
    Object.fromEntries(Object.entries(functions).map(([name, { entry }]) => [name, entry])),
  )
})
