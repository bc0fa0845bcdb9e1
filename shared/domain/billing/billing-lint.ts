import type { TemplateSource, TemplateValue, TemplateValues } from '../message-template.ts'
import { didYouMean } from './did-you-mean.ts'
import { partsOf, type TemplatePart } from './template-parts.ts'
import { type Finding, lintText } from './wording-lint.ts'

export interface LintRules {
  readonly knownVariables: readonly string[]
  /** Known ones that the step never has a value for, e.g. `daysLate` before the due day. */
  readonly absentVariables?: readonly string[]
  /** Values as long as they may get, and how one is written. Without them only literals are counted. */
  readonly sample?: {
    readonly values: TemplateValues
    readonly write: (value: TemplateValue) => string
  }
}

/** A placeholder: a name, and of a count its two forms. */
interface Use {
  readonly path: string
  readonly raw: string
  readonly name: string
  readonly forms: readonly string[]
}

/** Meta: 132005. */
const mostParameterCharacters = 1024
/** What most mailboxes show of a subject in one line (RFC 5322: lines of 78 characters). */
const mostSubjectCharacters = 78
/** Gmail cuts a mail at 102 KB of HTML; half of it is left for the layout. */
const mostMailCharacters = 50_000

const placeholder = /\{\{([^{}]*)\}\}/g
const waysToPay: readonly string[] = ['paymentLink', 'pixCode', 'boletoLine']

/**
 * All that speaks against a billing template: variables, lengths, wording, what a person misses.
 * Of WhatsApp only what fills Meta's copy is here to be read; its own text goes through `lintText`.
 */
export function lintTemplate(source: TemplateSource, rules: LintRules): readonly Finding[] {
  const parts = partsOf(source)
  const uses = parts.flatMap(usesIn)
  return [
    ...parts.flatMap((part) => [
      ...braceFindings(part),
      ...usesIn(part).flatMap((use) => useFindings(use, rules)),
      ...lengthFindings(part, rules),
      ...formFindings(part),
      ...(part.kind === 'url' ? [] : lintText(part.text, part.path)),
    ]),
    ...totalFindings(source, parts, rules),
    ...missingFindings(new Set(uses.map(({ name }) => name))),
  ]
}

function usesIn({ path, text }: TemplatePart): readonly Use[] {
  return [...text.matchAll(placeholder)].map(([raw, inner = '']) => {
    const [name = '', ...forms] = inner.split('|')
    return { path, raw, name, forms }
  })
}

function useFindings({ path, raw, name, forms }: Use, rules: LintRules): readonly Finding[] {
  const { knownVariables, absentVariables = [], sample } = rules
  const isForms = forms.length === 0 || (forms.length === 2 && forms.every((form) => form.trim()))
  if (!/^[a-z][A-Za-z0-9_]{0,59}$/.test(name) || !isForms) {
    const text = `“${raw}” não é uma variável: escreva {{nome}} ou {{nome|singular|plural}}.`
    return [error('malformed-variable', path, text)]
  }
  if (!knownVariables.includes(name)) {
    const near = didYouMean(name, knownVariables)
    const hint = near === undefined ? '' : ` Você quis dizer “${near}”?`
    return [error('unknown-variable', path, `A variável “${name}” não existe.${hint}`)]
  }
  if (absentVariables.includes(name)) {
    return [error('absent-variable', path, `“${name}” não tem valor nesta etapa.`)]
  }
  const value = sample?.values[name]
  const isCount = value === undefined || (typeof value !== 'string' && value.type === 'count')
  return forms.length === 0 || isCount
    ? []
    : [error('not-a-count', path, `“${name}” não é um número: só números têm singular e plural.`)]
}

function braceFindings({ path, text }: TemplatePart): readonly Finding[] {
  return /\{\{|\}\}/.test(text.replace(placeholder, ''))
    ? [error('malformed-variable', path, 'Há chaves abertas ou fechadas sem par.')]
    : []
}

function lengthFindings(part: TemplatePart, rules: LintRules): readonly Finding[] {
  const length = lengthOf(part, rules)
  if (part.kind === 'parameter' && length > mostParameterCharacters) {
    const text = `Com ${length} caracteres, passa dos ${mostParameterCharacters} que o WhatsApp aceita.`
    return [error('too-long', part.path, text)]
  }
  if (part.kind === 'subject' && length > mostSubjectCharacters) {
    const text = `Com ${length} caracteres, o assunto será cortado: use até ${mostSubjectCharacters}.`
    return [warning('subject-too-long', part.path, text)]
  }
  return []
}

function formFindings({ path, text, kind }: TemplatePart): readonly Finding[] {
  if (text.trim() === '') return [error('empty', path, 'O texto está vazio.')]
  if (kind === 'parameter' && /[\n\r\t]| {5}/.test(text)) {
    return [error('not-one-line', path, 'O WhatsApp não aceita quebras de linha nem tabulações.')]
  }
  return kind === 'url' && !/^(https:\/\/|\{\{)/.test(text)
    ? [error('not-https', path, 'O link precisa começar com https://.')]
    : []
}

function totalFindings(
  { channel }: TemplateSource,
  parts: readonly TemplatePart[],
  rules: LintRules,
): readonly Finding[] {
  const counted = channel === 'EMAIL' ? parts : parts.filter(({ path }) => path.startsWith('body.'))
  const most = channel === 'EMAIL' ? mostMailCharacters : mostParameterCharacters
  const total = counted.reduce((sum, part) => sum + lengthOf(part, rules), 0)
  if (total <= most || (channel === 'WHATSAPP' && counted.length < 2)) return []
  const path = channel === 'EMAIL' ? 'blocks' : 'body'
  return [
    error('total-too-long', path, `Juntos, os textos têm ${total} caracteres: use até ${most}.`),
  ]
}

function missingFindings(used: ReadonlySet<string>): readonly Finding[] {
  return [
    ...(waysToPay.some((name) => used.has(name))
      ? []
      : [warning('no-way-to-pay', '', 'Falta um jeito de pagar: link, PIX ou boleto.')]),
    ...(used.has('companyName')
      ? []
      : [
          warning(
            'no-company-name',
            '',
            'Falta o nome da empresa: a pessoa não sabe quem escreve.',
          ),
        ]),
  ]
}

/** Characters as people count them, filled as far as the sample goes. */
function lengthOf({ text }: TemplatePart, { sample }: LintRules): number {
  const filled = text.replace(placeholder, (_, inner: string) => {
    const [name = '', ...forms] = inner.split('|')
    const value = sample?.values[name]
    const longest = forms.toSorted((one, other) => other.length - one.length)[0]
    const written = value === undefined ? '' : (sample?.write(value) ?? '')
    return longest === undefined ? written : `${written} ${longest}`
  })
  return [...filled].length
}

function error(code: string, path: string, text: string): Finding {
  return { code, severity: 'error', path, text }
}

function warning(code: string, path: string, text: string): Finding {
  return { code, severity: 'warning', path, text }
}
