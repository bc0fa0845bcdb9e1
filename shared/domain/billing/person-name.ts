import { safeName } from '../clean-text.ts'

export interface PersonName {
  readonly whole: string
  /** What people are called by; of a company its whole name. */
  readonly first: string
}

const particles: ReadonlySet<string> = new Set(['da', 'das', 'de', 'di', 'do', 'dos', 'du', 'e'])
/** Stay in capitals: forms of companies and numbers of generations. */
const capitals: ReadonlySet<string> = new Set([
  ...['cia', 'eireli', 'epp', 'ltda', 'me', 'mei', 's.a', 's.a.', 's/a', 'ss'],
  ...['ii', 'iii', 'iv'],
])
const companyForms = /(^|\s)(cia|eireli|epp|ltda|mei?|s[./]a|ss)\.?$/i
const titles = /^(dra?|sra?|srta|prof|profa|dom|dona)\.?$/i

/**
 * A name as people write it, from one as systems keep it: `MARIA  DAS DORES` becomes `Maria das
 * Dores`. A name that already has both cases stays as it is, but for spaces. Undefined: none left.
 */
export function personName(given: string): PersonName | undefined {
  const name = safeName(given).normalize('NFC').replace(/\s+/g, ' ').trim()
  if (name === '') return undefined
  const whole = isOneCase(name) ? name.split(' ').map(inCase).join(' ') : name
  return { whole, first: firstOf(whole) }
}

function isOneCase(name: string): boolean {
  return name === name.toLocaleUpperCase('pt-BR') || name === name.toLocaleLowerCase('pt-BR')
}

function inCase(word: string, place: number): string {
  const small = word.toLocaleLowerCase('pt-BR')
  if (place > 0 && particles.has(small)) return small
  if (place > 0 && capitals.has(small)) return word.toLocaleUpperCase('pt-BR')
  return small.replace(/(^|[-'’./(])(\p{L})/gu, (_, before: string, letter: string) => {
    return `${before}${letter.toLocaleUpperCase('pt-BR')}`
  })
}

function firstOf(whole: string): string {
  if (companyForms.test(whole)) return whole
  const words = whole.split(' ')
  return words.find((word) => !titles.test(word)) ?? whole
}
