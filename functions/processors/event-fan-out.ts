import { hints } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { eventFanOutEnv } from '../env.ts'
import { wireFanOutEvents } from '../wire-events.ts'

const { fanOut } = wireFanOutEvents(config(eventFanOutEnv))

export const handler = hints(fanOut)
