import { tasks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { resealEnv } from '../env.ts'
import { wireReseal } from '../wire-upkeep.ts'

export const handler = tasks(wireReseal(config(resealEnv)))
