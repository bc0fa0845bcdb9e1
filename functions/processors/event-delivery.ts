import { tasks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { eventDeliveryEnv } from '../env.ts'
import { wireDeliverEvents } from '../wire-events.ts'

export const handler = tasks(wireDeliverEvents(config(eventDeliveryEnv)))
