import { config } from '#shared/runtime/config.ts'
import { schedule } from '#shared/runtime/schedule.ts'
import { planDunningEnv } from '../env.ts'
import { wirePlanDunning } from '../wire-dunning.ts'

export const handler = schedule(wirePlanDunning(config(planDunningEnv)))
