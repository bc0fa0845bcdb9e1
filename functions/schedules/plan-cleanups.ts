import { config } from '#shared/runtime/config.ts'
import { schedule } from '#shared/runtime/schedule.ts'
import { planCleanupsEnv } from '../env.ts'
import { wirePlanCleanups } from '../wire-upkeep.ts'

export const handler = schedule(wirePlanCleanups(config(planCleanupsEnv)))
