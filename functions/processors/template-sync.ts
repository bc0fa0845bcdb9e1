import { tasks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { templateSyncEnv } from '../env.ts'
import { wireTemplateSync } from '../wire-templates.ts'

export const handler = tasks(wireTemplateSync(config(templateSyncEnv)))
