import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeJobStore } from '#shared/adapters/database/job-store.ts'
import type { Job, JobResult, JobStore } from '#shared/ports/job-store.ts'
import type { SendReference } from '#shared/ports/message-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import type { WorldTenant } from '#test/support/stores-world.ts'

const type = 'MESSAGE_STATUS_CHECK'

/** Tasks that may be done twice: claimed, worked, settled. */
describe('jobs', () => {
  let world: PostgresWorld
  let jobs: JobStore
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openPostgresWorld()
    jobs = makeJobStore(world.dataApi, world.waits)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  async function planned(dueInSeconds = 0): Promise<SendReference> {
    const { rows } = await world.owner.query(
      `insert into tasks (tenant_id, type, payload, due_at)
       values ($1, $2, '{"mediaId":"7"}', now() + $3 * interval '1 second')
       returning task_id::text as task_id`,
      [tenant.tenantId, type, dueInSeconds],
    )
    return { tenantId: tenant.tenantId, taskId: String(rows[0].task_id) }
  }

  async function stateOf({ taskId }: SendReference) {
    const { rows } = await world.owner.query(
      'select state, reason, attempts from tasks where task_id = $1',
      [taskId],
    )
    return rows[0]
  }

  const claim = (wanted: readonly SendReference[], claimToken: string = crypto.randomUUID()) =>
    jobs.claim({ type, claimToken, jobs: wanted })

  it('hands out a due job once, with its payload; a repeated call gets it again', async () => {
    const [due, later] = [await planned(), await planned(60)]
    const token = crypto.randomUUID()
    const claimed = await claim([due, later, due], token)
    expect(claimed).toMatchObject([{ ...due, attempts: 1, payload: { mediaId: '7' } }])
    expect(await claim([due], token)).toEqual(claimed)
    expect(await claim([due])).toEqual([])
  })

  it('gives a job to one of many claimers', async () => {
    const due = await planned()
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim([due])))
    expect(claims.flat()).toHaveLength(1)
  })

  const endings: readonly (readonly [JobResult, string, number])[] = [
    [{ outcome: 'DONE' }, 'DONE', 0],
    [{ outcome: 'DEAD', reason: 'gone' }, 'DEAD', 0],
    [{ outcome: 'RETRY', reason: 'busy', retryInSeconds: 30 }, 'PENDING', 1],
    [{ outcome: 'RETRY', reason: 'busy', retryInSeconds: 3600 }, 'PENDING', 0],
  ]
  it.each(endings)('%j ends as %s', async (result, state, wakes) => {
    const [job] = await claim([await planned()])
    if (job === undefined) throw new Error('not claimed')
    expect(await jobs.settle([{ job, result }])).toHaveLength(wakes)
    expect(await stateOf(job)).toMatchObject({ state })
  })

  it('a worker whose lease ran out settles nothing of the next one', async () => {
    const due = await planned()
    const [first] = await claim([due])
    await world.pass(world.waits.leaseSeconds + 1)
    const woken = await world.tasks.relay(1000)
    expect(woken).toContainEqual({ type, ...due, inSeconds: 0 })
    const [second] = await claim([due])
    if (first === undefined || second === undefined) throw new Error('not claimed')
    await jobs.settle([{ job: first, result: { outcome: 'DEAD', reason: 'late' } }])
    expect(await stateOf(due)).toMatchObject({ state: 'CLAIMED', attempts: 2 })
    await jobs.settle([{ job: second, result: { outcome: 'DONE' } }])
    expect(await stateOf(due)).toMatchObject({ state: 'DONE' })
  })

  it('runs a batch in two calls; one that throws is tried again, and given up in the end', async () => {
    const wakes: Wake[] = []
    const run = makeRunJobs({
      type,
      jobs,
      queue: { wake: async (more) => ({ failed: more.length - wakes.push(...more) }) },
      randomness: systemRandomness,
      work: async ({ payload }: Job) => {
        if (payload.mediaId === '8') throw new Error('a bug')
        return { outcome: 'DONE' }
      },
    })
    const [good, bad] = [await planned(), await planned()]
    await world.owner.query(`update tasks set payload = '{"mediaId":"8"}' where task_id = $1`, [
      bad.taskId,
    ])
    const before = world.endpoint.calls().length
    expect(await run([good, bad])).toEqual({ claimed: 2, done: 1 })
    expect(world.endpoint.calls().length - before).toBe(2)
    expect(wakes).toMatchObject([{ taskId: bad.taskId, inSeconds: 60 }])
    for (let tries = 1; tries < 10; tries += 1) {
      await world.pass(61)
      await run([bad])
    }
    expect(await stateOf(bad)).toMatchObject({ state: 'DEAD', reason: 'fault', attempts: 10 })
  })
})
