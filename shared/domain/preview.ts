import type { MessageContent } from './content.ts'

const longest = 160

/** The first words of a content, for a list; undefined where it has none. */
export function previewOf(content: MessageContent): string | undefined {
  const words = wordsOf(content)
  if (words === undefined || words === '') return undefined
  // By characters: half a surrogate pair is no text.
  return [...words.slice(0, 2 * longest)].slice(0, longest).join('')
}

function wordsOf(content: MessageContent): string | undefined {
  switch (content.type) {
    case 'text':
    case 'order':
    case 'system':
      return content.text
    case 'template':
    case 'named-template':
    case 'location':
      return content.name
    case 'interactive':
      return content.body
    case 'reaction':
      return content.emoji
    case 'reply':
      return content.title
    case 'contacts':
      return content.contacts[0]?.name.formattedName
    case 'image':
    case 'video':
    case 'document':
      return content.caption ?? content.filename
    default:
      return undefined
  }
}
