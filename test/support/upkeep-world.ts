import { makeCleanupStore } from '#shared/adapters/database/cleanup-store.ts'
import { makeJobStore } from '#shared/adapters/database/job-store.ts'
import type { CleanupBatch, CleanupStore } from '#shared/ports/cleanup-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { makeCleanTenant } from '#shared/use-cases/clean-tenants.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'

/** The stores with what cleans them beside. */
export async function openUpkeepWorld() {
  return upkeepOver(await openPostgresWorld())
}

export function upkeepOver<W extends PostgresWorld>(world: W) {
  const { dataApi, waits } = world
  const cleanups = makeCleanupStore(dataApi, waits)
  const jobs = makeJobStore(dataApi, waits)

  /** A cleanup as the function runs it; `removedKeys`: files whose bytes were taken away. */
  function cleaner(change: Partial<Pick<CleanupStore, 'clean'>> = {}) {
    const batches: CleanupBatch[] = []
    const removedKeys: string[] = []
    const woken: Wake[] = []
    const run = makeRunJobs({
      type: 'CHAT_CLEANUP',
      jobs,
      queue: {
        wake: async (wakes) => {
          woken.push(...wakes)
          return { failed: 0 }
        },
      },
      randomness: systemRandomness,
      work: makeCleanTenant({
        cleanups: { clean: cleanups.clean, ...change },
        files: {
          delete: async (keys) => {
            removedKeys.push(...keys)
          },
        },
        report: (_, batch) => batches.push(batch),
      }),
    })
    return { run, batches, removedKeys, woken }
  }

  /** Plans a tenant's cleanup, whatever began or waits, and answers its task. */
  async function planned(tenantId: string) {
    await world.owner.query(
      `update tasks set created_at = created_at - interval '1 day',
         state = case when tenant_id = $1 and state = 'PENDING' then 'CANCELLED' else state end
       where type = 'CHAT_CLEANUP'`,
      [tenantId],
    )
    const tasks = await cleanups.plan()
    const found = tasks.find((task) => task.tenantId === tenantId)
    if (found === undefined) throw new Error('no cleanup was planned')
    return found
  }

  return {
    ...world,
    cleanups,
    jobs,
    cleaner,
    planned,
    /** A whole cleanup of a tenant; answers how much each stage changed. */
    clean: async (tenantId: string): Promise<Readonly<Record<string, number>>> => {
      const task = await planned(tenantId)
      const { run, batches, woken } = cleaner()
      for (let rounds = 0; rounds === 0 || woken.splice(0).length > 0; rounds += 1) {
        await run([task])
      }
      const changes: Record<string, number> = {}
      for (const { stage, changed } of batches) {
        if (changed > 0) changes[stage] = (changes[stage] ?? 0) + changed
      }
      return changes
    },
    set: async (tenantId: string, setting: string, value: number | null) => {
      await world.owner.query(`update tenants set ${setting} = $2 where tenant_id = $1`, [
        tenantId,
        value,
      ])
    },
    hold: async (tenantId: string, chatId: string) => {
      await world.owner.query(
        `update persons p set legal_hold_at = now() from chats c
         where c.tenant_id = $1 and c.chat_id = $2 and p.tenant_id = $1
           and p.person_id = c.person_id`,
        [tenantId, chatId],
      )
    },
    chatStatus: async (tenantId: string, chatId: string): Promise<string> => {
      const { rows } = await world.owner.query(
        'select status from chats where tenant_id = $1 and chat_id = $2',
        [tenantId, chatId],
      )
      return rows[0]?.status
    },
  }
}

export type UpkeepWorld = Awaited<ReturnType<typeof openUpkeepWorld>>
