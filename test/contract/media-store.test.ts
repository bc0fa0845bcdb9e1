import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeMediaJobStore } from '#shared/adapters/database/media-job-store.ts'
import { makeMediaStore } from '#shared/adapters/database/media-store.ts'
import type { JobResult } from '#shared/ports/job-store.ts'
import type {
  CreateMedia,
  InboundFile,
  MediaJob,
  MediaJobResult,
  MediaJobStore,
  MediaStore,
} from '#shared/ports/media-store.ts'
import type { SendReference } from '#shared/ports/message-store.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { addInboundMedia } from '#test/support/media.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import { day, fresh, type WorldTenant } from '#test/support/stores-world.ts'

describe('files in PostgreSQL', () => {
  let world: PostgresWorld
  let media: MediaStore
  let jobs: MediaJobStore
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openPostgresWorld()
    const parts = { database: world.dataApi, sealer: world.sealer, randomness: systemRandomness }
    media = makeMediaStore(parts)
    jobs = makeMediaJobStore({ ...parts, waits: world.waits })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const wanted = (more: Partial<CreateMedia> = {}): CreateMedia => ({
    tenantId: tenant.tenantId,
    clientId: tenant.clientId,
    request: { route: 'POST /media', key: fresh('key'), body: '{}' },
    kind: 'document',
    mimeType: 'application/pdf',
    sizeBytes: 1234,
    sha256: undefined,
    filename: 'Boleto da Ana.pdf',
    ...more,
  })

  async function created(more: Partial<CreateMedia> = {}): Promise<string> {
    const answer = await media.create(wanted(more))
    if (answer.outcome === 'refused') throw new Error(answer.code)
    return answer.mediaId
  }

  describe('what clients bring', () => {
    it('is made in one call and read back, its name sealed', async () => {
      // Keys and clients are loaded once, and not counted.
      await created()
      const before = world.endpoint.calls().length
      const sha256 = Buffer.alloc(32, 7)
      const mediaId = await created({ sha256 })
      expect(world.endpoint.calls().slice(before)).toHaveLength(1)
      expect(await media.get(tenant, mediaId)).toEqual({
        tenantId: tenant.tenantId,
        mediaId,
        direction: 'OUTBOUND',
        kind: 'document',
        state: 'PENDING',
        reason: undefined,
        mimeType: 'application/pdf',
        sizeBytes: 1234,
        sha256: new Uint8Array(sha256),
        filename: 'Boleto da Ana.pdf',
        objectKey: `media/${tenant.tenantId}/${mediaId}`,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      })
      const { rows } = await world.owner.query('select * from media where media_id = $1', [mediaId])
      expect(rows[0].filename.toString('latin1')).not.toContain('Ana')
    })

    it('does not exist for another tenant', async () => {
      const mediaId = await created()
      const other = await world.addTenant()
      expect(await media.get(other, mediaId)).toBeUndefined()
      await media.finishUpload({ tenantId: other.tenantId, mediaId }, { state: 'STORED' })
      expect(await media.get(tenant, mediaId)).toMatchObject({ state: 'PENDING' })
    })

    it('is the same file for the same key, 8 times at once', async () => {
      const command = wanted()
      const answers = await Promise.all(Array.from({ length: 8 }, () => media.create(command)))
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
      const other = { ...command, request: { ...command.request, body: '{"kind":"image"}' } }
      expect(await media.create(other)).toMatchObject({ code: 'idempotency-key-mismatch' })
    })

    it('is another file for the same key of another client', async () => {
      const { request } = wanted()
      const clientId = await world.addClient(tenant.tenantId)
      expect(await created({ request })).not.toBe(await created({ request, clientId }))
    })

    it('takes a token of its client, and a repeated request is answered without one', async () => {
      const clientId = await world.addClient(tenant.tenantId, { ratePerSecond: 0.001, burst: 1 })
      const command = wanted({ clientId })
      const first = await media.create(command)
      expect(first).toMatchObject({ outcome: 'created' })
      expect(await media.create(wanted({ clientId }))).toMatchObject({
        code: 'rate-limited',
        retryAfterSeconds: expect.any(Number),
      })
      expect(await media.create(command)).toEqual(first)
    })

    it('is refused to a client that was switched off', async () => {
      await world.disableClient(tenant.tenantId, tenant.clientId)
      expect(await media.create(wanted())).toMatchObject({ code: 'client-unknown' })
    })

    it('ends once: what is STORED does not become FAILED', async () => {
      const mediaId = await created()
      const file = { tenantId: tenant.tenantId, mediaId }
      await media.finishUpload(file, { state: 'STORED' })
      await media.finishUpload(file, { state: 'FAILED', reason: 'media-mismatch' })
      const found = await media.get(tenant, mediaId)
      expect(found).toMatchObject({ state: 'STORED', reason: undefined })
    })
  })

  describe('what people send', () => {
    const planned = () =>
      addInboundMedia(world, tenant, { providerMediaId: '1098', mimeType: 'image/jpeg' })
    const type = 'MEDIA_FETCH'
    const claim = (asked: readonly SendReference[], claimToken: string = crypto.randomUUID()) =>
      jobs.claim({ type, claimToken, jobs: asked })
    async function claimed(file: SendReference): Promise<MediaJob> {
      const [job] = await claim([file])
      if (job === undefined) throw new Error('not claimed')
      return job
    }
    const kept = {
      mimeType: 'image/png',
      sizeBytes: 77,
      sha256: new Uint8Array(32).fill(9),
    }
    const stored: MediaJobResult = { outcome: 'DONE', kept }

    it('is claimed with all that fetching needs, the same for a repeated call', async () => {
      const file = await planned()
      const token = crypto.randomUUID()
      const [job] = await claim([file], token)
      expect(job).toMatchObject({
        taskId: file.taskId,
        attempts: 1,
        file: {
          mediaId: file.mediaId,
          providerMediaId: '1098',
          objectKey: `media/${tenant.tenantId}/${file.mediaId}`,
          mimeType: 'image/jpeg',
          sender: { phoneNumberId: tenant.sender.phoneNumberId, secretName: 'secret' },
        },
      })
      const [{ expiresInSeconds }] = [job?.file] as [InboundFile]
      expect(expiresInSeconds).toBeGreaterThan(6.9 * day)
      expect(expiresInSeconds).toBeLessThanOrEqual(7 * day)
      expect(await claim([file], token)).toMatchObject([{ fence: job?.fence }])
      expect(await claim([file])).toEqual([])
    })

    it('is stored with what was kept of it, together with its task, in one call', async () => {
      const files = [await planned(), await planned()]
      const claims = await claim(files)
      const before = world.endpoint.calls().length
      await jobs.settle(claims.map((job) => ({ job, result: stored })))
      expect(world.endpoint.calls().slice(before)).toHaveLength(1)
      for (const { mediaId, taskId } of files) {
        expect(await media.get(tenant, mediaId)).toMatchObject({
          state: 'STORED',
          ...kept,
        })
        expect(await stateOf(taskId)).toBe('DONE')
      }
    })

    const endings: readonly (readonly [JobResult, string, string | undefined, string])[] = [
      [{ outcome: 'DEAD', reason: 'media-failed' }, 'FAILED', 'media-failed', 'DEAD'],
      [{ outcome: 'DEAD', reason: 'fault' }, 'FAILED', 'media-failed', 'DEAD'],
      [{ outcome: 'RETRY', reason: 'gone', retryInSeconds: 5 }, 'PENDING', undefined, 'PENDING'],
      [{ outcome: 'DONE' }, 'PENDING', undefined, 'DONE'],
    ]
    it.each(endings)('%j ends as %s %s, its task %s', async (result, ...wanted) => {
      const [state, reason, task] = wanted
      const file = await planned()
      const job = await claimed(file)
      const wakes = await jobs.settle([{ job, result }])
      expect(wakes).toHaveLength(result.outcome === 'RETRY' ? 1 : 0)
      expect(await media.get(tenant, file.mediaId)).toMatchObject({ state, reason })
      expect(await stateOf(file.taskId)).toBe(task)
    })

    it('is not settled by a worker whose lease ran out', async () => {
      const file = await planned()
      const late = await claimed(file)
      await world.pass(world.waits.mediaLeaseSeconds + 1)
      await world.tasks.relay(1000)
      const next = await claimed(file)
      await jobs.settle([{ job: late, result: { outcome: 'DEAD', reason: 'media-failed' } }])
      expect(await media.get(tenant, file.mediaId)).toMatchObject({ state: 'PENDING' })
      await jobs.settle([{ job: next, result: stored }])
      expect(await media.get(tenant, file.mediaId)).toMatchObject({ state: 'STORED' })
    })

    it('is nothing to fetch once it is stored, nor for a file that is not there', async () => {
      const file = await planned()
      await world.owner.query(`update media set state = 'STORED' where media_id = $1`, [
        file.mediaId,
      ])
      expect(await claimed(file)).toMatchObject({ file: 'nothing-left' })
      const lost = await planned()
      await world.owner.query('delete from media where media_id = $1', [lost.mediaId])
      expect(await claimed(lost)).toMatchObject({ file: 'nothing-left' })
    })

    it('is unreadable when its sealed name was moved or erased, and its neighbour is not', async () => {
      const [moved, erased, whole] = [await planned(), await planned(), await planned()]
      await world.owner.query(
        'update media set row_token = gen_random_uuid() where media_id = $1',
        [moved.mediaId],
      )
      await world.owner.query('update media set provider_media_id = null where media_id = $1', [
        erased.mediaId,
      ])
      const jobsOfAll = await claim([moved, erased, whole])
      expect(jobsOfAll.map(({ file }) => file)).toEqual([
        'unreadable',
        'unreadable',
        expect.objectContaining({ mediaId: whole.mediaId }),
      ])
    })

    async function stateOf(taskId: string): Promise<unknown> {
      const { rows } = await world.owner.query('select state from tasks where task_id = $1', [
        taskId,
      ])
      return rows[0].state
    }
  })
})
