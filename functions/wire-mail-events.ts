import type * as z from 'zod'
import { makeMailNoticeStore } from '#shared/adapters/database/mail-notice-store.ts'
import { makeSuppressionStore } from '#shared/adapters/database/suppression-store.ts'
import { noticesOfTopic } from '#shared/adapters/email/topic-notices.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { mailTopics } from '#shared/contracts/mail-topics.ts'
import { alerts } from '#shared/runtime/alerts.ts'
import { systemClock } from '#shared/runtime/system.ts'
import { makeApplyMailNotices, type ToldNotice } from '#shared/use-cases/apply-mail-notices.ts'
import { makeKeepSuppressions } from '#shared/use-cases/keep-suppressions.ts'
import type { emailEventEnv, storesEnv } from './env.ts'
import { findClientIn, wireStores } from './wire.ts'
import { wireEventSignal } from './wire-signal.ts'

type Env<S extends z.ZodType> = z.output<S>

export function wireApplyMailNotices(env: Env<typeof emailEventEnv>) {
  const parts = wireStores(env)
  const transit = makeTransitSealer(parts.dataKeys, systemClock)
  const read = noticesOfTopic(mailTopics.EMAIL_EVENT)
  return {
    open: async (body: string): Promise<readonly ToldNotice[]> =>
      read(body).map((notice) => ({ body, notice })),
    apply: makeApplyMailNotices({
      notices: makeMailNoticeStore({ ...parts, transit }),
      directory: parts.directory,
      signal: wireEventSignal(env, parts.directory),
      alerts,
    }),
  }
}

export function wireSuppressions(env: Env<typeof storesEnv>) {
  const parts = wireStores(env)
  return {
    findClient: findClientIn(parts.directory),
    suppressions: makeKeepSuppressions(makeSuppressionStore(parts)),
  }
}
