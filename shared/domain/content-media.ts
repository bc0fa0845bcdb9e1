import type { MessageContent } from './content.ts'

/** Ids of the files that a content shows, as the message's own or in a header. */
export function mediaIdsOf(content: MessageContent): readonly string[] {
  switch (content.type) {
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return [content.mediaId]
    case 'template':
      return content.variables?.headerMedia ? [content.variables.headerMedia.mediaId] : []
    case 'interactive':
      return content.header !== undefined && content.header.type !== 'text'
        ? [content.header.mediaId]
        : []
    case 'email':
    case 'named-template':
      return (content.attachments ?? []).map(({ mediaId }) => mediaId)
    default:
      return []
  }
}
