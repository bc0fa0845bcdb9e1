import { config } from '#shared/runtime/config.ts'
import { schedule } from '#shared/runtime/schedule.ts'
import { forgetEventsEnv } from '../env.ts'
import { wireForgetEvents } from '../wire-events.ts'

export const handler = schedule(wireForgetEvents(config(forgetEventsEnv)))
