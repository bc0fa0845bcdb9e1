import type { TemplateContent, VariableValues } from './template-content.ts'
import type { TemplateProblem } from './template-shape.ts'

const variablesPath = 'content.variables'
/** Meta: longer texts are refused (132005), the whole body included. */
const mostTextLength = 1024

/**
 * Texts that Meta refuses as parameters: empty, over 1,024 characters, with a line break, a tab or
 * more than four spaces in a row (132018, 132005, 131008).
 */
export function textProblems({
  variables: given = {},
}: TemplateContent): readonly TemplateProblem[] {
  const buttons = (given.buttons ?? []).flatMap((button, place) => {
    if (button.type === 'quick_reply' || button.type === 'order_details') return []
    const [field, text] = button.type === 'url' ? ['text', button.text] : ['code', button.code]
    return textProblem(`${variablesPath}.buttons.${place}.${field}`, text)
  })
  return [
    ...valueProblems(`${variablesPath}.header`, given.header ?? []),
    ...valueProblems(`${variablesPath}.body`, given.body ?? []),
    ...buttons,
  ]
}

function valueProblems(path: string, values: VariableValues): readonly TemplateProblem[] {
  return Object.entries(values).flatMap(([key, text]) => textProblem(`${path}.${key}`, text))
}

function textProblem(path: string, text: string): readonly TemplateProblem[] {
  if (text === '') return [{ path, message: 'must not be empty' }]
  if (text.length > mostTextLength) {
    return [{ path, message: `must have at most ${mostTextLength} characters` }]
  }
  return /[\n\r\t]| {5}/.test(text)
    ? [{ path, message: 'must not hold line breaks, tabs or more than four spaces in a row' }]
    : []
}
