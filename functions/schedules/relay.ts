import { config } from '#shared/runtime/config.ts'
import { schedule } from '#shared/runtime/schedule.ts'
import { taskEnv } from '../env.ts'
import { wireRelay } from '../wire.ts'

export const handler = schedule(wireRelay(config(taskEnv)))
