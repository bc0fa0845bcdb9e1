import { createdMedia, createMediaBody, mediaParam, shownMedia } from '../media.ts'
import { operations } from '../operation.ts'

/** What programs do with files. */
export const mediaOperations = operations({
  createMedia: {
    method: 'POST',
    path: '/media',
    scope: 'messages:send',
    audit: 'writes',
    summary: 'Announce a file and learn where to upload it',
    description: 'A repeated request names the same file; its upload address is signed anew.',
    body: createMediaBody,
    examples: {
      'a bill': {
        kind: 'document',
        mimeType: 'application/pdf',
        sizeBytes: 48_213,
        filename: 'boleto.pdf',
      },
      'a photograph whose bytes are checked': {
        kind: 'image',
        mimeType: 'image/jpeg',
        sizeBytes: 180_224,
        sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      },
    },
    idempotent: true,
    answers: { 201: { description: 'Where to put the bytes.', schema: createdMedia } },
    refusals: [],
  },
  completeMedia: {
    method: 'POST',
    path: '/media/{mediaId}/complete',
    scope: 'messages:send',
    audit: 'writes',
    summary: 'Have an uploaded file checked and kept',
    params: { mediaId: mediaParam },
    answers: { 200: { description: 'The file can be sent.', schema: shownMedia } },
    refusals: ['media-not-found', 'media-not-ready', 'media-mismatch'],
  },
  getMedia: {
    method: 'GET',
    path: '/media/{mediaId}',
    scope: 'chats:read',
    audit: 'reads',
    summary: 'Read a file and get an address for its bytes',
    params: { mediaId: mediaParam },
    answers: { 200: { description: 'The file.', schema: shownMedia } },
    refusals: ['media-not-found'],
  },
})
