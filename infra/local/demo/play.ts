import { makeBillingApi } from './billing-api.ts'
import { type OwnStack, playBilling } from './billing-story.ts'
import { makePhones } from './phones.ts'
import { makePrivacyApi } from './privacy-api.ts'
import { playPrivacy } from './privacy-story.ts'
import { makeApiCall, makeRecadoApi } from './recado-api.ts'
import type { Target } from './settings.ts'
import { playStory } from './story.ts'
import type { Timeline } from './timeline.ts'

const restoreLimitMs = 10_000

/** All chapters, one after another. Throws StepFailed with the step that failed. */
export async function playDemo(timeline: Timeline, target: Target, own?: OwnStack): Promise<void> {
  const phones = makePhones(target.whatsapp)
  const before = await timeline.play({
    title: 'Find the phones',
    work: async (limit) => ({ value: await phones.delays(limit), result: target.whatsapp }),
  })
  try {
    const call = makeApiCall(target.api, target.token)
    const stage = { timeline, phones, api: makeRecadoApi(call) }
    await playStory(stage)
    const personId = await playBilling({ ...stage, billing: makeBillingApi(call), own })
    await playPrivacy({ timeline, privacy: makePrivacyApi(call) }, personId)
  } finally {
    await phones.setDelays(AbortSignal.timeout(restoreLimitMs), before).catch((error: Error) => {
      console.error(`demo: the phones' reports stay slow: ${error.message}`)
    })
  }
}
