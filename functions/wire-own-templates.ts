import type * as z from 'zod'
import { makeOwnTemplateStore } from '#shared/adapters/database/own-template-store.ts'
import { mailLayout } from '#shared/adapters/email/layout/mail-layout.ts'
import { makeKeepTemplates } from '#shared/use-cases/keep-templates.ts'
import type { storesEnv } from './env.ts'
import { findClientIn, wireStores } from './wire.ts'

export function wireOwnTemplates(env: z.output<typeof storesEnv>) {
  const parts = wireStores(env)
  return {
    findClient: findClientIn(parts.directory),
    templates: makeKeepTemplates(makeOwnTemplateStore(parts), mailLayout),
  }
}
