import { chunks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { inboundMailEnv } from '../env.ts'

config(inboundMailEnv)

export const handler = chunks(
  async (body) => [body],
  async () => {
    throw new Error('no use case takes what SES writes')
  },
)
