import type { TemplateParameter, TemplateSend } from './content-schemas.ts'
import { type ShownMessage, shownMessage } from './shown-message.ts'
import { hydrated, hydratedBody } from './template-check.ts'
import type { Template } from './templates.ts'

type Components = Template['components'][number]

/** A template as a phone shows it, with its variables, its file and its buttons. */
export function shownTemplate(template: Template, send: TemplateSend): ShownMessage {
  const component = (wanted: string) => template.components.find(({ type }) => type === wanted)
  const header = component('HEADER')
  return {
    header: header && shownHeader(header, parametersOf(send, 'header')),
    text: hydratedBody(template, send),
    footer: component('FOOTER')?.text,
    options: (component('BUTTONS')?.buttons ?? []).map((button, index) => {
      const given = send.components.find((sent) => sent.type === 'button' && sent.index === index)
      return shownButton(button, given?.parameters ?? [])
    }),
  }
}

function shownHeader(header: Components, given: readonly TemplateParameter[]): string | undefined {
  if (header.text !== undefined) return hydrated(header.text, given)
  return given[0] && shownMessage(given[0]).text
}

function shownButton(
  { type, text = '', url }: NonNullable<Components['buttons']>[number],
  given: readonly TemplateParameter[],
) {
  if (url !== undefined) return { title: text, url: hydrated(url, given) }
  if (type !== 'QUICK_REPLY') return { title: text }
  const payload = String(given[0]?.payload ?? text)
  return { title: text, answer: { type: 'button', text, payload } }
}

function parametersOf(send: TemplateSend, type: string): readonly TemplateParameter[] {
  return send.components
    .filter((component) => component.type === type)
    .flatMap(({ parameters }) => parameters)
}
