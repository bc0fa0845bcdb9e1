import { chunks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { emailEventEnv } from '../env.ts'

config(emailEventEnv)

export const handler = chunks(
  async (body) => [body],
  async () => {
    throw new Error('no use case takes what SES writes')
  },
)
