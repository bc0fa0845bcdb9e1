import { chunks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { inboundMailEnv } from '../env.ts'
import { wireReceiveMail } from '../wire-inbound-mail.ts'

export const handler = chunks(async (body) => [body], wireReceiveMail(config(inboundMailEnv)))
