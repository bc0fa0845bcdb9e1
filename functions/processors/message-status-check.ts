import { tasks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { statusCheckEnv } from '../env.ts'
import { wireCheckStatuses } from '../wire.ts'

export const handler = tasks(wireCheckStatuses(config(statusCheckEnv)))
