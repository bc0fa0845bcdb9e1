import { KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Kms, startKms } from '#infra/local/kms.ts'
import { epochOf } from '#shared/adapters/keys/cell-cipher.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import { durations } from '#shared/domain/durations.ts'
import type { Clock } from '#shared/ports/clock.ts'
import type { Directory, Tenant } from '#shared/ports/directory.ts'

const minute = 60_000
const directoryKeptMs = 5 * minute

interface Stored {
  tenant: Tenant
}

/** As `makeDirectory` keeps what it has read. */
function keptDirectory(stored: Stored, clock: Clock): Directory {
  let kept: { readonly at: number; readonly tenant: Tenant } | undefined
  const directory: Pick<Directory, 'tenant'> = {
    tenant: async () => {
      if (kept === undefined || clock.now() - kept.at >= directoryKeptMs) {
        kept = { at: clock.now(), tenant: stored.tenant }
      }
      return kept.tenant
    },
  }
  return directory as Directory
}

let kms: Kms
let client: KMSClient
beforeAll(async () => {
  kms = await startKms({ port: 0 })
  client = new KMSClient({
    endpoint: kms.url,
    region: 'sa-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
})
afterAll(async () => {
  client.destroy()
  await kms.close()
})

it('is read by all before anybody seals under it, whenever each has loaded its keys', async () => {
  let now = 0
  const clock = { now: () => now }
  const keys = makeTenantKeys(makeKmsDataKeys(client, kms.keyArn))
  const first = { epoch: 1, wrapped: await keys.create('1', 'data:1'), sealsFrom: 0 }
  const stored: Stored = {
    tenant: {
      tenantId: '1',
      timeZone: 'America/Sao_Paulo',
      wrappedIndexKey: await keys.create('1', 'index'),
      dataKeys: [first],
    },
  }
  // A function that starts in each minute, and then works once a minute.
  const functions: ReturnType<typeof makeSealer>[] = []
  const cell = { table: 'persons', column: 'name', rowToken: crypto.randomUUID() }
  const rotatedAt = 12 * minute
  const sealsFrom = rotatedAt + durations().keyKnownSeconds * 1000
  const under = new Set<number>()
  let opened = 0

  for (now = 0; now <= 45 * minute; now += minute) {
    if (now === rotatedAt) {
      const second = { epoch: 2, wrapped: await keys.create('1', 'data:2'), sealsFrom }
      stored.tenant = { ...stored.tenant, dataKeys: [second, ...stored.tenant.dataKeys] }
    }
    if (functions.length < 20) functions.push(makeSealer(keptDirectory(stored, clock), keys, clock))
    const sealers = await Promise.all(functions.map((sealer) => sealer.forTenant('1')))
    const cells = sealers.map((sealer) => sealer.seal(cell, 'Ana'))
    for (const epoch of cells.map(epochOf)) under.add(epoch)
    expect(new Set(cells.map(epochOf))).toEqual(new Set([now < sealsFrom ? 1 : 2]))
    const read = sealers.flatMap((sealer) => cells.map((sealed) => sealer.open(cell, sealed)))
    expect(new Set(read)).toEqual(new Set(['Ana']))
    opened += read.length
  }
  expect(opened).toBeGreaterThan(10_000)
  expect([...under]).toEqual([1, 2])
})
