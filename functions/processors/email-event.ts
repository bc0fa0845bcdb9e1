import { chunks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { emailEventEnv } from '../env.ts'
import { wireApplyMailNotices } from '../wire-mail-events.ts'

const { open, apply } = wireApplyMailNotices(config(emailEventEnv))

export const handler = chunks(open, apply)
