import type {
  BillButton,
  BoundSource,
  MailBlock,
  MailSource,
  TemplateSource,
} from '../message-template.ts'
import type { ButtonVariable, VariableValues } from '../template-content.ts'

/** A text of a template that holds placeholders. */
export interface TemplatePart {
  /** Dotted, e.g. `blocks.3.rows.0.value`. */
  readonly path: string
  readonly text: string
  readonly kind: 'subject' | 'text' | 'url' | 'parameter'
}

/** Every text of a template, in the order in which people read them. */
export function partsOf(source: TemplateSource): readonly TemplatePart[] {
  return source.channel === 'EMAIL' ? mailParts(source) : boundParts(source)
}

function mailParts({ subject, preheader, blocks }: MailSource): readonly TemplatePart[] {
  return [
    { path: 'subject', text: subject, kind: 'subject' },
    ...(preheader === undefined ? [] : [textPart('preheader', preheader)]),
    ...blocks.flatMap((block, at) => blockParts(block, `blocks.${at}`)),
  ]
}

function blockParts(block: MailBlock, path: string): readonly TemplatePart[] {
  switch (block.type) {
    case 'heading':
    case 'paragraph':
      return [textPart(`${path}.text`, block.text)]
    case 'button':
      return [
        textPart(`${path}.label`, block.label),
        { path: `${path}.url`, text: block.url, kind: 'url' },
      ]
    case 'facts':
      return block.rows.flatMap(({ label, value }, row) => [
        textPart(`${path}.rows.${row}.label`, label),
        textPart(`${path}.rows.${row}.value`, value),
      ])
    case 'installments':
      return [textPart(`${path}.variable`, `{{${block.variable}}}`)]
    case 'code':
      return [textPart(`${path}.label`, block.label), textPart(`${path}.value`, block.value)]
    case 'divider':
      return []
  }
}

function boundParts({ header, body, buttons }: BoundSource): readonly TemplatePart[] {
  return [
    ...parameters('header', header),
    ...parameters('body', body),
    ...(buttons ?? []).map((button, at) => {
      const [field, text] = buttonText(button)
      return { path: `buttons.${at}.${field}`, text, kind: 'parameter' } as const
    }),
  ]
}

function parameters(place: string, values: VariableValues = []): readonly TemplatePart[] {
  return Object.entries(values).map(([key, text]) => ({
    path: `${place}.${key}`,
    text,
    kind: 'parameter',
  }))
}

function buttonText(button: ButtonVariable | BillButton): readonly [string, string] {
  switch (button.type) {
    case 'url':
      return ['text', button.text]
    case 'quick_reply':
      return ['payload', button.payload]
    case 'copy_code':
      return ['code', button.code]
    case 'order_details':
      return ['variable', `{{${button.variable}}}`]
  }
}

function textPart(path: string, text: string): TemplatePart {
  return { path, text, kind: 'text' }
}
