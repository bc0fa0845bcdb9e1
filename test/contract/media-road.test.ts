import { createHash } from 'node:crypto'
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place } from '#infra/local/resources.ts'
import { makeMediaJobStore } from '#shared/adapters/database/media-job-store.ts'
import { makeMediaStore } from '#shared/adapters/database/media-store.ts'
import { makeS3MediaObjects } from '#shared/adapters/storage/s3-media-objects.ts'
import { makeGraphMedia } from '#shared/adapters/whatsapp/media.ts'
import { objectKey } from '#shared/domain/media.ts'
import type { MediaObjects } from '#shared/ports/media-objects.ts'
import type { MediaStore } from '#shared/ports/media-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeFetchMedia } from '#shared/use-cases/fetch-media.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import { fileHost, graphThatSays } from '#test/support/file-host.ts'
import { addInboundMedia, mediaS3Client } from '#test/support/media.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import { day, type WorldTenant } from '#test/support/stores-world.ts'

const png = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.alloc(9 * 1024 * 1024, 'p'),
])

/** MEDIA_FETCH with its real parts: rows, bucket and a Graph API that can be told what to say. */
describe('the road of an inbound file', () => {
  let world: PostgresWorld
  let aws: LocalAws
  let client: S3Client
  let objects: MediaObjects
  let media: MediaStore
  let tenant: WorldTenant
  let raised: unknown[]
  let woken: Wake[]

  beforeAll(async () => {
    ;[world, aws] = await Promise.all([openPostgresWorld(), startAws(0, place.region)])
    client = mediaS3Client(aws.url)
    await client.send(new CreateBucketCommand({ Bucket: 'files' }))
    objects = makeS3MediaObjects({ client, bucket: 'files', clock: systemClock })
    media = makeMediaStore({
      database: world.dataApi,
      sealer: world.sealer,
      randomness: systemRandomness,
    })
  })
  afterAll(async () => {
    client.destroy()
    await Promise.all([world.close(), aws.close()])
  })
  beforeEach(async () => {
    tenant = await world.addTenant()
    raised = []
    woken = []
  })

  function running(graphUrl: string, kept: MediaObjects = objects) {
    const { waits } = world
    return makeRunJobs({
      type: 'MEDIA_FETCH',
      jobs: makeMediaJobStore({ database: world.dataApi, sealer: world.sealer, waits }),
      queue: { wake: async (wakes) => ({ failed: wakes.length - woken.push(...wakes) }) },
      randomness: systemRandomness,
      work: makeFetchMedia({
        provider: makeGraphMedia({
          graphUrl,
          version: 'v26.0',
          token: async () => 'EAAtoken',
          resolveTimeoutMs: 5000,
          fetchTimeoutMs: 20_000,
          randomness: systemRandomness,
        }),
        objects: kept,
        randomness: systemRandomness,
        waits,
        alerts: { raise: (name, facts) => raised.push({ name, reason: facts.reason }) },
      }),
    })
  }

  const received = (mimeType = 'image/png') =>
    addInboundMedia(world, tenant, { providerMediaId: '1098', mimeType })
  const shown = ({ mediaId }: { mediaId: string }) => media.get(tenant, mediaId)
  const keyOf = ({ mediaId }: { mediaId: string }) => objectKey(tenant.tenantId, mediaId)
  const serving = (bytes: Buffer) =>
    graphThatSays(bytes, { serve: (response) => void response.end(bytes) })
  async function bytesAt(key: string): Promise<Buffer> {
    const parts: Uint8Array[] = []
    for await (const part of await objects.read(key, AbortSignal.timeout(10_000))) parts.push(part)
    return Buffer.concat(parts)
  }

  it('is stored byte for byte, four of a batch in two database calls', async () => {
    const files = await Promise.all(Array.from({ length: 4 }, () => received()))
    const run = running((await serving(png)).origin)
    await run([await received()])
    const before = world.endpoint.calls().length
    expect(await run(files)).toEqual({ claimed: 4, done: 4 })
    // Claim and settle; the world's clock leaps, so that the tenant's keys may be read once more.
    expect(world.endpoint.calls().length - before).toBeLessThanOrEqual(2 + 1)
    for (const file of files) {
      expect(await shown(file)).toMatchObject({
        state: 'STORED',
        mimeType: 'image/png',
        sizeBytes: png.length,
        sha256: new Uint8Array(createHash('sha256').update(png).digest()),
      })
      expect((await bytesAt(keyOf(file))).equals(png)).toBe(true)
    }
    expect(await run(files)).toEqual({ claimed: 0, done: 0 })
  })

  it.each([
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>'), 'text/html'],
    ['a program', Buffer.from('MZ\u0090\u0000\u0003'), 'application/octet-stream'],
    ['another image', png.subarray(0, 100), 'image/png'],
  ])('%s that is called a JPEG is stored as what it is', async (_, bytes, mimeType) => {
    const file = await received('image/jpeg')
    await running((await serving(bytes)).origin)([file])
    expect(await shown(file)).toMatchObject({ state: 'STORED', mimeType })
  })

  const ends: readonly (readonly [string, object | string, number])[] = [
    ['is gone', { error: { code: 100 } }, 400],
    ['is too large', { url: 'https://x', sha256: '0'.repeat(64), file_size: 2e8 }, 200],
  ]
  it.each(ends)('that %s is FAILED at once, visibly', async (_, body, status) => {
    const graph = await fileHost(
      (response) => void response.writeHead(status).end(JSON.stringify(body)),
    )
    const file = await received()
    await running(graph.origin)([file])
    expect(await shown(file)).toMatchObject({ state: 'FAILED', reason: 'media-failed' })
    expect(await taskOf(file)).toEqual({ state: 'DEAD', reason: 'media-failed' })
    expect(await objects.look(keyOf(file))).toBeUndefined()
  })

  it('is tried again with doubling waits, its address asked for anew each time', async () => {
    const graph = await graphThatSays(png, {
      serve: (response) => void response.writeHead(404).end('URL signature expired'),
    })
    const file = await received()
    const run = running(graph.origin)
    for (const most of [10, 20, 40, 80]) {
      woken = []
      await run([file])
      expect(woken).toMatchObject([{ type: 'MEDIA_FETCH', taskId: file.taskId }])
      const { inSeconds } = woken[0] as Wake
      expect(inSeconds).toBeGreaterThanOrEqual(most / 2)
      expect(inSeconds).toBeLessThanOrEqual(most)
      await world.pass(most)
    }
    expect(graph.seen.filter(({ path }) => path.startsWith('/v26.0/'))).toHaveLength(4)
    expect(await shown(file)).toMatchObject({ state: 'PENDING', reason: undefined })
    await running((await serving(png)).origin)([file])
    expect(await shown(file)).toMatchObject({ state: 'STORED' })
  })

  it('is FAILED once Meta has forgotten it, and Meta is not asked any more', async () => {
    const graph = await serving(png)
    const file = await received()
    await world.pass(7 * day + 1)
    await running(graph.origin)([file])
    expect(graph.seen).toEqual([])
    expect(await shown(file)).toMatchObject({ state: 'FAILED', reason: 'media-failed' })
  })

  it('waits for a token, and operators hear of it', async () => {
    const graph = await fileHost(
      (response) => void response.writeHead(401).end('{"error":{"code":190}}'),
    )
    const file = await received()
    await running(graph.origin)([file])
    expect(await shown(file)).toMatchObject({ state: 'PENDING' })
    expect(await taskOf(file)).toEqual({ state: 'PENDING', reason: 'token-refused' })
    expect(raised).toEqual([{ name: 'MediaFetchBlocked', reason: 'token-refused' }])
  })

  it('that lies where we do not go waits too, and operators hear of it', async () => {
    const announce = { url: 'http://169.254.169.254/latest/meta-data/' }
    const graph = await graphThatSays(png, { announce, serve: (response) => void response.end() })
    const file = await received()
    await running(graph.origin)([file])
    expect(await taskOf(file)).toEqual({ state: 'PENDING', reason: 'address-refused' })
    expect(raised).toEqual([{ name: 'MediaFetchBlocked', reason: 'address-refused' }])
    expect(await objects.look(keyOf(file))).toBeUndefined()
  })

  it('of other bytes than announced leaves nothing, and is FAILED after ten tries', async () => {
    const announce = { sha256: '0'.repeat(64) }
    const graph = await graphThatSays(png, {
      announce,
      serve: (response) => void response.end(png),
    })
    const file = await received()
    const run = running(graph.origin)
    for (let tries = 1; tries < 10; tries += 1) {
      await run([file])
      expect(await shown(file)).toMatchObject({ state: 'PENDING' })
      await world.pass(3600)
    }
    await run([file])
    expect(await shown(file)).toMatchObject({ state: 'FAILED', reason: 'media-failed' })
    expect(await objects.look(keyOf(file))).toBeUndefined()
  })

  it('waits for a bucket that is away', async () => {
    const graph = await serving(png)
    const file = await received()
    const away = mediaS3Client('http://127.0.0.1:9')
    await running(
      graph.origin,
      makeS3MediaObjects({ client: away, bucket: 'files', clock: systemClock }),
    )([file])
    away.destroy()
    expect(await taskOf(file)).toEqual({ state: 'PENDING', reason: 'unavailable' })
  })

  it('that does not open is FAILED, and its neighbour is stored', async () => {
    const [moved, whole] = [await received(), await received()]
    await world.owner.query('update media set row_token = gen_random_uuid() where media_id = $1', [
      moved.mediaId,
    ])
    await running((await serving(png)).origin)([moved, whole])
    const { rows } = await world.owner.query('select state from media where media_id = $1', [
      moved.mediaId,
    ])
    expect(rows).toEqual([{ state: 'FAILED' }])
    expect(await shown(whole)).toMatchObject({ state: 'STORED' })
  })

  async function taskOf({ taskId }: { taskId: string }) {
    const { rows } = await world.owner.query('select state, reason from tasks where task_id = $1', [
      taskId,
    ])
    return rows[0]
  }
})
