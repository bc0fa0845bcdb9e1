import type * as z from 'zod'
import { makeMediaJobStore } from '#shared/adapters/database/media-job-store.ts'
import { makeMediaStore } from '#shared/adapters/database/media-store.ts'
import { alerts } from '#shared/runtime/alerts.ts'
import { systemRandomness as randomness } from '#shared/runtime/system.ts'
import { makeCompleteMedia, makeCreateMedia, makeReadMedia } from '#shared/use-cases/bring-media.ts'
import { makeFetchMedia } from '#shared/use-cases/fetch-media.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import type { mediaEnv, mediaFetchEnv } from './env.ts'
import { findClientIn, wireGraph, wireStores, wireTaskQueue } from './wire.ts'
import { wireObjects, wireProviderMedia } from './wire-files.ts'

/** Wiring of files, beside `wire.ts`. */
export function wireMedia(env: z.output<typeof mediaEnv>) {
  const parts = wireStores(env)
  const files = { media: makeMediaStore(parts), objects: wireObjects(env) }
  return {
    findClient: findClientIn(parts.directory),
    createMedia: makeCreateMedia(files),
    completeMedia: makeCompleteMedia(files),
    readMedia: makeReadMedia(files),
  }
}

export function wireFetchMedia(env: z.output<typeof mediaFetchEnv>) {
  const parts = wireStores(env)
  const { waits } = parts
  const graph = wireGraph(env, waits.providerTimeoutSeconds * 1000)
  return makeRunJobs({
    type: 'MEDIA_FETCH',
    jobs: makeMediaJobStore(parts),
    queue: wireTaskQueue(env),
    randomness,
    work: makeFetchMedia({
      provider: wireProviderMedia(graph, waits),
      objects: wireObjects(env),
      randomness,
      waits,
      alerts,
    }),
  })
}
