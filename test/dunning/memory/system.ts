import { localTime } from '#shared/domain/dunning/zoned-time.ts'
import type { Debt, DunningJob, DunningResult, DunningRules } from '#shared/ports/dunning-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import type { LadderSystem } from '../system.ts'
import { book } from './booking.ts'
import { candidates, debtOf, debtsOf, failedOf } from './candidates.ts'
import { applyEvent } from './projection.ts'
import { claimSends, endMessage, settleSends } from './sending.ts'
import { type MemoryTask, type MemoryWorld, makeWorld, newTask, rowKey, tenantId } from './world.ts'

const debtsPerJob = 1000

/** The ladder's stores in memory, with the rules of the SQL functions. */
export function memoryLadder(company: DunningRules['company']): LadderSystem {
  const world = makeWorld(company)
  return {
    planner: { due: async () => [tenantId], plan: async () => planDay(world) },
    jobs: {
      claim: async ({ claimToken, jobs }) =>
        jobs.flatMap(({ taskId }) => {
          const task = world.openTasks.get(taskId)
          if (task === undefined || !claims(task, claimToken)) return []
          return [jobOf(world, task)]
        }),
      settle: async (results) => {
        for (const { job, result } of results) settleJob(world, job, result)
        return []
      },
    },
    setTime: async (now) => {
      world.now = now
    },
    setPolicy: async (policy) => {
      world.policy = policy
      world.policyVersion += 1
    },
    apply: async (events) => {
      for (const event of events) applyEvent(world, event)
    },
    dueJobs: async () => [...world.openTasks.keys()].map((taskId) => ({ tenantId, taskId })),
    claim: async () => claimSends(world),
    settle: async (results) => settleSends(world, results),
    report: async (reports) => {
      for (const { send, reason } of reports) {
        const message = world.messages.get(send.messageId)
        if (message !== undefined) endMessage(world, message, { status: 'FAILED', reason })
      }
    },
    rows: async () => [...world.rows.values()],
  }
}

function settleJob(world: MemoryWorld, job: DunningJob, result: DunningResult): void {
  const task = world.openTasks.get(job.taskId)
  if (task?.state !== 'CLAIMED' || String(task.fence) !== job.fence) return
  world.openTasks.delete(job.taskId)
  for (const decision of result.decisions ?? []) book(world, job, decision)
}

/** `plan_dunning_v2`. */
function planDay(world: MemoryWorld): readonly Wake[] {
  const { policy, company } = world
  const isBusy = [...world.openTasks.values()].some(({ payload }) => payload.day !== undefined)
  if (policy?.enabled !== true || isBusy) return []
  const { day } = localTime(world.now, company.timeZone)
  const ids = [...candidates(world, policy, day).keys()].sort()
  const wakes: Wake[] = []
  for (let at = 0; at < ids.length; at += debtsPerJob) {
    const { taskId } = newTask(world, {
      ...{ day, from: ids[at], until: ids[Math.min(at + debtsPerJob, ids.length) - 1] },
    })
    wakes.push({ type: 'DUNNING_STEP', tenantId, taskId, inSeconds: 0 })
  }
  return wakes
}

/** A call repeated with its token gets the same again. */
function claims(task: MemoryTask, claimToken: string): boolean {
  if (task.state === 'CLAIMED') return task.claimToken === claimToken
  task.state = 'CLAIMED'
  task.claimToken = claimToken
  task.fence += 1
  return true
}

/** `claim_dunning_v1`. */
function jobOf(world: MemoryWorld, task: MemoryTask): DunningJob {
  const { policy, policyVersion, company } = world
  const day = String(task.payload.day ?? localTime(world.now, company.timeZone).day)
  return {
    ...{ tenantId, taskId: task.taskId, fence: String(task.fence), attempts: task.fence },
    ...{ messageId: task.messageId, payload: task.payload, restAfter: undefined },
    rules: policy?.enabled === true ? { day, policy, policyVersion, company } : undefined,
    debts: policy === undefined ? [] : debtsToLookAt(world, task, day),
  }
}

function debtsToLookAt(world: MemoryWorld, task: MemoryTask, day: string): readonly Debt[] {
  if (task.messageId === undefined) {
    const [from, until] = [String(task.payload.from), String(task.payload.until)]
    return [...(world.policy ? candidates(world, world.policy, day) : [])]
      .filter(([installmentId]) => installmentId >= from && installmentId <= until)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([installmentId, steps]) => debtsOf(world, installmentId, steps))
  }
  const message = world.messages.get(task.messageId)
  if (message === undefined) return []
  const { installmentId, step } = message
  const failed = failedOf(world, world.rows.get(rowKey(installmentId, step)))
  if (failed?.messageId !== message.messageId) return []
  return [debtOf(world, installmentId, { steps: [step], failed })]
}
