import { type WordingCode, wordingRules } from './wording-rules.ts'

/** One thing that is wrong with a template, and what to do about it. */
export interface Finding<Code extends string = string> {
  readonly code: Code
  /** Errors keep a template from being used. */
  readonly severity: 'error' | 'warning'
  /** Dotted, e.g. `blocks.2.text`; empty: of the whole template. */
  readonly path: string
  /** For people, pt-BR. */
  readonly text: string
}

const placeholder = /\{\{[^{}]*\}\}/g
/** Capitals that nobody shouts. */
const acronyms: ReadonlySet<string> = new Set(['CNPJ', 'LTDA', 'EIRELI', 'DANFE', 'FEBRABAN'])

/**
 * What a text says that people and Meta take for a threat, and how it shouts. Accents, case,
 * punctuation and invisible marks do not hide a word; values of variables are not looked at.
 */
export function lintText(text: string, path = 'text'): readonly Finding[] {
  const written = text.replace(placeholder, ' 0 ')
  const plain = plainOf(written)
  return [
    ...wordingRules
      .filter(({ words }) => words.test(plain))
      .map(({ code, says, why, instead }) => ({
        code,
        severity: severityOf(code),
        path,
        text: `Evite “${says}”: ${why}. Prefira: ${instead}`,
      })),
    ...shouts(written, path),
  ]
}

function severityOf(code: WordingCode): Finding['severity'] {
  return code === 'threat' ? 'error' : 'warning'
}

function plainOf(text: string): string {
  const letters = text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase()
  return ` ${letters.replace(/[^a-z0-9]+/g, ' ').trim()} `
}

function shouts(text: string, path: string): readonly Finding[] {
  const words = text.match(/\p{L}+/gu) ?? []
  const loud = words.map((word) => isLoud(word))
  const isShouted = words.some((word, at) => loud[at] && (word.length >= 7 || loud[at + 1]))
  const found: readonly (readonly [boolean, string, string])[] = [
    [isShouted, 'capitals', 'Maiúsculas parecem gritos: escreva com maiúscula só no início.'],
    [/[!?]\s*[!?]/.test(text), 'marks', 'Um ponto de exclamação ou de interrogação basta.'],
  ]
  return found.flatMap(([isFound, code, advice]) =>
    isFound ? [{ code, severity: 'warning' as const, path, text: advice }] : [],
  )
}

function isLoud(word: string): boolean {
  return word.length >= 4 && word === word.toUpperCase() && !acronyms.has(word)
}
