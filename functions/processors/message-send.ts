import { tasks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { messageSendEnv } from '../env.ts'
import { wireSendMessages } from '../wire.ts'

export const handler = tasks(wireSendMessages(config(messageSendEnv)))
