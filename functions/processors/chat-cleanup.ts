import { tasks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { chatCleanupEnv } from '../env.ts'
import { wireCleanTenants } from '../wire-upkeep.ts'

export const handler = tasks(wireCleanTenants(config(chatCleanupEnv)))
