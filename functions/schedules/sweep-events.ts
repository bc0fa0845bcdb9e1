import { config } from '#shared/runtime/config.ts'
import { schedule } from '#shared/runtime/schedule.ts'
import { eventFanOutEnv } from '../env.ts'
import { wireFanOutEvents } from '../wire-events.ts'

const { sweep } = wireFanOutEvents(config(eventFanOutEnv))

export const handler = schedule(sweep)
