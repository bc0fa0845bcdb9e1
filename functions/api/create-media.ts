import { createdMediaResource, createMediaBody } from '#shared/contracts/media.ts'
import { config } from '#shared/runtime/config.ts'
import { http } from '#shared/runtime/http.ts'
import { mediaEnv } from '../env.ts'
import { wireMedia } from '../wire-media.ts'

const { findClient, createMedia } = wireMedia(config(mediaEnv))

export const handler = http({ body: createMediaBody }, async ({ principal, body, requestKey }) => {
  const { sha256, filename, ...file } = body
  const created = await createMedia({
    ...(await findClient(principal)),
    ...file,
    sha256: sha256 === undefined ? undefined : Buffer.from(sha256, 'hex'),
    filename,
    request: { route: 'POST /media', key: requestKey, body: JSON.stringify(body) },
  })
  return {
    status: 201,
    headers: { location: `/media/${created.mediaId}` },
    body: createdMediaResource(created),
  }
})
