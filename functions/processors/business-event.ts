import { chunks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { businessEventEnv } from '../env.ts'
import { wireApplyBusinessEvents } from '../wire-billing.ts'

const { open, apply } = wireApplyBusinessEvents(config(businessEventEnv))

export const handler = chunks(open, apply)
