import { tasks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { dunningStepEnv } from '../env.ts'
import { wireDunningSteps } from '../wire-dunning.ts'

export const handler = tasks(wireDunningSteps(config(dunningStepEnv)))
