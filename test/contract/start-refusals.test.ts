import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ports, portBlock } from '#infra/local/ports.ts'
import { readReplacements, StartRefused } from '#infra/local/settings.ts'
import { startStack } from '#infra/local/stack.ts'
import { checkBeforeStart } from '#infra/local/start-checks.ts'
import { freeBlock, listenOn } from '#test/support/ports.ts'

/** Nobody may listen there. */
const nowhere = 'http://127.0.0.1:1'

let folder: string
let neighbours: Server[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recado-refusals-'))
  neighbours = []
})
afterEach(async () => {
  for (const neighbour of neighbours) neighbour.close()
  await rm(folder, { recursive: true })
})

/** A block of which a neighbour has the port of this place. */
async function blockWithNeighbour(place: keyof Ports): Promise<number> {
  const first = await freeBlock()
  neighbours.push(await listenOn(portBlock(first)[place]))
  return first
}

const settings = (more: {
  readonly port?: number
  readonly directory?: string
  readonly environment?: Readonly<Record<string, string>>
}) => ({
  port: more.port ?? 0,
  directory: more.directory,
  replacements: readReplacements(more.environment ?? {}),
})

async function refusal(more: Parameters<typeof settings>[0]): Promise<string> {
  const refused = await startStack(settings(more)).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(StartRefused)
  return (refused as StartRefused).message
}

describe('a start is refused before anything is built', () => {
  it.each(['AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_RDS_DATA'])(
    'when nobody answers where %s says',
    async (name) => {
      expect(await refusal({ environment: { [name]: `${nowhere}/path` } })).toBe(
        `The variable ${name} names ${nowhere}, where nobody answers (ECONNREFUSED).`,
      )
    },
  )

  it.each(['api', 'whatsapp', 'dataApi', 'aws', 'postgres'] as const)(
    'when a neighbour has the port of %s',
    async (place) => {
      const port = await blockWithNeighbour(place)
      const taken = portBlock(port)[place]
      expect(await refusal({ port })).toBe(
        `Port ${taken} is taken: stop what listens there, or choose other ports with --port.`,
      )
    },
  )

  it('when --data cannot be a folder', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    for (const directory of [file, join(file, 'below')]) {
      expect(await refusal({ directory })).toMatch(
        new RegExp(`^--data cannot be used: .* '${directory}'.*\\.$`),
      )
    }
    expect(await readdir(folder)).toEqual(['file'])
  })

  it('but not for a port or an address that the start does not need', async () => {
    const port = await blockWithNeighbour('mail')
    const environment = { AWS_ENDPOINT_URL_SES: nowhere, WHATSAPP_GRAPH_URL: nowhere }
    await checkBeforeStart(settings({ port, environment }))
    await expect(checkBeforeStart(settings({ port }))).rejects.toThrow(StartRefused)
  })
})
