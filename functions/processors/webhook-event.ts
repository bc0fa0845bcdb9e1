import { chunks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { webhookEventEnv } from '../env.ts'
import { wireApplyWebhook } from '../wire.ts'

const { open, apply } = wireApplyWebhook(config(webhookEventEnv))

export const handler = chunks(open, apply)
