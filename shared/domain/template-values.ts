import type { ListedInstallment, TemplateValue } from './message-template.ts'

/**
 * The one place that writes values. All of it is one line of plain text: U+0020 stands where `Intl`
 * puts a no-break space (`R$ 1.234,56`), so that texts are found and copied as people write them.
 */
export function valueText(value: TemplateValue, language: string): string {
  if (typeof value === 'string') return oneLine(value)
  switch (value.type) {
    case 'money':
      return moneyText(value.cents, language)
    case 'date':
      return dayText(value.date, language)
    case 'count':
      return countText(value.count, language)
    case 'installments':
      return installmentsLine(value.installments, language)
    case 'bill':
      return moneyText(value.order.totalCents, language)
  }
}

/** An installment in the columns of a list. */
export interface WrittenInstallment {
  /** `1/3` */
  readonly place: string
  readonly dueOn: string
  readonly amount: string
}

export function writtenInstallment(
  { number, total, dueOn, cents }: ListedInstallment,
  language: string,
): WrittenInstallment {
  return {
    place: `${number}/${total}`,
    dueOn: dayText(dueOn, language),
    amount: moneyText(cents, language),
  }
}

/** `dia` of 1, `dias` of 3: what is said of a number. */
export function pluralWord(
  count: number,
  { one, other }: { readonly one: string; readonly other: string },
  language: string,
): string {
  return new Intl.PluralRules(language).select(count) === 'one' ? one : other
}

function moneyText(cents: number, language: string): string {
  const format = new Intl.NumberFormat(language, { style: 'currency', currency: 'BRL' })
  return plainSpaces(format.format(cents / 100))
}

function dayText(date: string, language: string): string {
  const digits = { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' } as const
  return plainSpaces(new Intl.DateTimeFormat(language, digits).format(new Date(date)))
}

function countText(count: number, language: string): string {
  return plainSpaces(new Intl.NumberFormat(language).format(count))
}

/** Meta counts 1,024 characters over a whole body: a list leaves room for the words around it. */
const mostListLength = 700

/** `1/3 – 05/12/2026 – R$ 100,00; 2/3 – …`, and how many more there are where they do not fit. */
function installmentsLine(installments: readonly ListedInstallment[], language: string): string {
  const written = installments.map((installment) => {
    const { place, dueOn, amount } = writtenInstallment(installment, language)
    return `${place} – ${dueOn} – ${amount}`
  })
  const whole = written.join('; ')
  if (whole.length <= mostListLength) return whole
  for (let shown = written.length - 1; shown > 0; shown -= 1) {
    const line = `${written.slice(0, shown).join('; ')} ${more(written.length - shown, language)}`
    if (line.length <= mostListLength) return line
  }
  return more(written.length, language)
}

function more(count: number, language: string): string {
  const number = countText(count, language)
  switch (new Intl.Locale(language).language) {
    case 'pt':
      return `e mais ${number}`
    case 'es':
      return `y ${number} más`
    default:
      return `and ${number} more`
  }
}

const breaks = /[\p{Cc}\u2028\u2029]+/gu

function oneLine(text: string): string {
  return text.toWellFormed().replace(breaks, ' ').trim()
}

function plainSpaces(text: string): string {
  return text.replace(/[\u00a0\u202f]/g, ' ')
}
