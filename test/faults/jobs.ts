import { campaign, type Outcome, settingOf } from './campaign.ts'
import { type Enumerated, enumerate } from './enumeration.ts'
import { type OutageFigures, outage } from './outage.ts'
import type { BuildSystem } from './simulation/run.ts'

/** One piece of the fast tier, for one of the worker threads. */
export type Job =
  | { readonly kind: 'campaign'; readonly seed: number; readonly lives: number }
  | {
      readonly kind: 'enumerate'
      readonly life: string
      readonly share: number
      readonly shares: number
    }
  | { readonly kind: 'outage'; readonly lives: number }

export type Done =
  | { readonly kind: 'campaign'; readonly outcome: Outcome }
  | { readonly kind: 'enumerate'; readonly enumerated: Enumerated }
  | { readonly kind: 'outage'; readonly outage: OutageFigures }

export async function work(job: Job, build: BuildSystem): Promise<Done> {
  switch (job.kind) {
    case 'campaign': {
      const setting = settingOf(job.seed, job.lives)
      return { kind: 'campaign', outcome: await campaign(setting, build, { tier: 'fast' }) }
    }
    case 'enumerate': {
      const { life, share, shares } = job
      const enumerated = await enumerate(life, { build, pairs: true, share, shares })
      return { kind: 'enumerate', enumerated }
    }
    case 'outage':
      return { kind: 'outage', outage: await outage(job.lives, build) }
  }
}
