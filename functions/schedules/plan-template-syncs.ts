import { config } from '#shared/runtime/config.ts'
import { schedule } from '#shared/runtime/schedule.ts'
import { planTemplateSyncsEnv } from '../env.ts'
import { wirePlanSyncs } from '../wire-templates.ts'

export const handler = schedule(wirePlanSyncs(config(planTemplateSyncsEnv)))
