import type * as z from 'zod'
import { makeDunningDesk } from '#shared/adapters/database/dunning-desk.ts'
import { makeDunningPlanner, makeDunningStore } from '#shared/adapters/database/dunning-store.ts'
import { brazilianCalendar } from '#shared/domain/dunning/calendar.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeDecideSteps } from '#shared/use-cases/decide-steps.ts'
import { makeKeepDunning } from '#shared/use-cases/keep-dunning.ts'
import { makePlanDunning } from '#shared/use-cases/plan-dunning.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import { signalAfter } from '#shared/use-cases/signal-after.ts'
import type { dunningStepEnv, planDunningEnv, storesEnv } from './env.ts'
import { findClientIn, wireDatabase, wireStores, wireTaskQueue } from './wire.ts'
import { tenantsOf, wireEventSignal } from './wire-signal.ts'

type Env<S extends z.ZodType> = z.output<S>

export function wireDunning(env: Env<typeof storesEnv>) {
  const parts = wireStores(env)
  return {
    findClient: findClientIn(parts.directory),
    dunning: makeKeepDunning({
      desk: makeDunningDesk(parts),
      clock: systemClock,
      calendar: brazilianCalendar,
    }),
  }
}

export function wirePlanDunning(env: Env<typeof planDunningEnv>) {
  return makePlanDunning(makeDunningPlanner(wireDatabase(env)), wireTaskQueue(env))
}

export function wireDunningSteps(env: Env<typeof dunningStepEnv>) {
  const parts = wireStores(env)
  const runLooks = makeRunJobs({
    type: 'DUNNING_STEP',
    jobs: makeDunningStore(parts),
    queue: wireTaskQueue(env),
    randomness: systemRandomness,
    work: makeDecideSteps({ clock: systemClock, calendar: brazilianCalendar }),
  })
  return signalAfter(wireEventSignal(env, parts.directory), runLooks, tenantsOf)
}
