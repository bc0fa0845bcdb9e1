import type { InteractiveContent, InteractiveHeader } from '#shared/domain/content.ts'
import { fileReference, type MediaIds } from './file-reference.ts'
import type { Json } from './json.ts'

/** Meta's `interactive` object. */
export function interactivePayload(content: InteractiveContent, media: MediaIds): Json {
  const { header, body, footer } = content
  return {
    type: content.kind === 'buttons' ? 'button' : content.kind,
    ...(header !== undefined && { header: headerOf(header, media) }),
    body: { text: body },
    ...(footer !== undefined && { footer: { text: footer } }),
    action: actionOf(content),
  }
}

function headerOf(header: InteractiveHeader, media: MediaIds): Json {
  if (header.type === 'text') return { type: 'text', text: header.text }
  return { type: header.type, [header.type]: fileReference(header, media) }
}

function actionOf(content: InteractiveContent): Json {
  switch (content.kind) {
    case 'buttons':
      return { buttons: content.buttons.map((reply) => ({ type: 'reply', reply })) }
    case 'list':
      return { button: content.button, sections: content.sections }
    case 'cta_url': {
      const { displayText, url } = content
      return { name: 'cta_url', parameters: { display_text: displayText, url } }
    }
  }
}
