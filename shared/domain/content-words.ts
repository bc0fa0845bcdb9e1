import type { InteractiveContent, MessageContent } from './content.ts'

/**
 * A content in words, as somebody reads it in a table; what has no words of its own, such as a list of
 * contacts or the variables of a template, is JSON.
 */
export function contentWords(content: MessageContent): string {
  switch (content.type) {
    case 'text':
      return content.text
    case 'email':
      return paragraphs(content.subject, content.text, content.quotedText)
    case 'interactive':
      return paragraphs(...interactiveWords(content))
    case 'reply':
      return content.title === undefined || content.response !== undefined
        ? JSON.stringify(content)
        : paragraphs(content.title, content.description)
    case 'reaction':
      return content.emoji
    default:
      return JSON.stringify(content)
  }
}

function interactiveWords(content: InteractiveContent): readonly (string | undefined)[] {
  const { header, body, footer } = content
  return [header?.type === 'text' ? header.text : undefined, body, footer, ...choicesOf(content)]
}

function choicesOf(content: InteractiveContent): readonly string[] {
  switch (content.kind) {
    case 'buttons':
      return content.buttons.map(({ title }) => title)
    case 'list':
      return content.sections.flatMap(({ title, rows }) => [
        ...(title === undefined ? [] : [title]),
        ...rows.map((row) => [row.title, row.description].filter(Boolean).join(': ')),
      ])
    case 'cta_url':
      return [`${content.displayText}: ${content.url}`]
  }
}

function paragraphs(...texts: readonly (string | undefined)[]): string {
  return texts.filter(Boolean).join('\n')
}
