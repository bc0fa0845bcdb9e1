import type * as z from 'zod'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { makeJobStore } from '#shared/adapters/database/job-store.ts'
import { makeTemplateStore } from '#shared/adapters/database/template-store.ts'
import { makeTemplateSyncStore } from '#shared/adapters/database/template-sync-store.ts'
import { makeTemplateSource } from '#shared/adapters/whatsapp/template-list.ts'
import { durations } from '#shared/domain/durations.ts'
import { alerts } from '#shared/runtime/alerts.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeReadTemplates } from '#shared/use-cases/read-templates.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import {
  makePlanSyncs,
  makeRequestSync,
  makeSyncTemplates,
} from '#shared/use-cases/sync-templates.ts'
import type { planTemplateSyncsEnv, templateSyncEnv, templatesEnv } from './env.ts'
import { findClientIn, wireDatabase, wireGraph, wireStores, wireTaskQueue } from './wire.ts'

type Env<S extends z.ZodType> = z.output<S>

export function wireTemplates(env: Env<typeof templatesEnv>) {
  const parts = wireStores(env)
  return {
    findClient: findClientIn(parts.directory),
    readTemplates: makeReadTemplates(makeTemplateStore(parts)),
    requestSync: makeRequestSync(
      makeTemplateSyncStore(parts.database, parts.waits),
      wireTaskQueue(env),
    ),
  }
}

function wireSyncs(env: Env<typeof planTemplateSyncsEnv>) {
  const database = wireDatabase(env)
  const waits = durations(env.TIME_SCALE)
  return {
    database,
    waits,
    directory: makeDirectory(database, systemClock),
    templates: makeTemplateSyncStore(database, waits),
    queue: wireTaskQueue(env),
  }
}

export function wirePlanSyncs(env: Env<typeof planTemplateSyncsEnv>) {
  const { templates, queue } = wireSyncs(env)
  return makePlanSyncs(templates, queue)
}

export function wireTemplateSync(env: Env<typeof templateSyncEnv>) {
  const parts = wireSyncs(env)
  const { database, waits, queue } = parts
  const source = makeTemplateSource(wireGraph(env, waits.templateListSeconds * 1000))
  return makeRunJobs({
    type: 'TEMPLATE_SYNC',
    jobs: makeJobStore(database, waits),
    queue,
    randomness: systemRandomness,
    work: makeSyncTemplates({ ...parts, source, alerts }),
  })
}
