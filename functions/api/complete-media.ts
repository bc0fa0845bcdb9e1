import { mediaIdOf, mediaResource } from '#shared/contracts/media.ts'
import { config } from '#shared/runtime/config.ts'
import { http } from '#shared/runtime/http.ts'
import { mediaEnv } from '../env.ts'
import { wireMedia } from '../wire-media.ts'

const { findClient, completeMedia } = wireMedia(config(mediaEnv))

export const handler = http({}, async ({ principal, params }) => {
  const { tenantId } = await findClient(principal)
  const media = await completeMedia(tenantId, mediaIdOf(params))
  return { status: 200, body: mediaResource(media) }
})
