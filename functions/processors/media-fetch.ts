import { tasks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { mediaFetchEnv } from '../env.ts'
import { wireFetchMedia } from '../wire-media.ts'

export const handler = tasks(wireFetchMedia(config(mediaFetchEnv)))
