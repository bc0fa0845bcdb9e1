import type { mediaOperations } from '#shared/contracts/operations/media.ts'
import type { Row } from './row.ts'

export const mediaRows: Readonly<Record<keyof typeof mediaOperations, Row>> = {
  createMedia: {
    answers: 201,
    request: async () => ({
      body: { kind: 'document', mimeType: 'application/pdf', sizeBytes: 1000 },
    }),
  },
  completeMedia: {
    answers: 200,
    request: async (side) => ({ params: { mediaId: await side.uploadedFile() } }),
  },
  getMedia: {
    answers: 200,
    request: async (side) => ({ params: { mediaId: await side.storedFile() } }),
  },
}
