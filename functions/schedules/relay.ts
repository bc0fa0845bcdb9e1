import { config } from '#shared/runtime/config.ts'
import { schedule } from '#shared/runtime/schedule.ts'
import { relayEnv } from '../env.ts'
import { wireRelay } from '../wire.ts'

export const handler = schedule(wireRelay(config(relayEnv)))
