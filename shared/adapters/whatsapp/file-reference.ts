import type { Json } from './json.ts'

/** Our media id → Meta's. */
export type MediaIds = ReadonlyMap<string, string>

interface ShownFile {
  readonly mediaId: string
  readonly caption?: string
  readonly filename?: string
  readonly voice?: boolean
}

/** Meta's media object. Who calls has seen that the id is known. */
export function fileReference(file: ShownFile, media: MediaIds): Json {
  const { mediaId, caption, filename, voice } = file
  return {
    id: media.get(mediaId),
    ...(caption !== undefined && { caption }),
    ...(filename !== undefined && { filename }),
    ...(voice !== undefined && { voice }),
  }
}
