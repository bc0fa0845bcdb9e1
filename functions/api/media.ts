import { createdMediaResource, mediaResource } from '#shared/contracts/media.ts'
import { mediaOperations } from '#shared/contracts/operations/media.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { mediaEnv } from '../env.ts'
import { wireMedia } from '../wire-media.ts'

const { findClient, createMedia, completeMedia, readMedia } = wireMedia(config(mediaEnv))

export const handler = api(
  mediaOperations,
  findClient,
)({
  createMedia: async ({ caller, body, request }) => {
    const { sha256, filename, ...file } = body
    const created = await createMedia({
      ...caller,
      ...file,
      sha256: sha256 === undefined ? undefined : Buffer.from(sha256, 'hex'),
      filename,
      request,
    })
    return {
      status: 201,
      headers: { location: `/media/${created.mediaId}` },
      body: createdMediaResource(created),
    }
  },

  completeMedia: async ({ caller, params }) => ({
    status: 200,
    body: mediaResource(await completeMedia(caller, params.mediaId)),
  }),

  getMedia: async ({ caller, params }) => {
    const { media, download } = await readMedia(caller, params.mediaId)
    return { status: 200, body: mediaResource(media, download) }
  },
})
