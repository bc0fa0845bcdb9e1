import { makePatternSearch } from './pattern-search.ts'

/** What must be found nowhere, by name; and every form in which it could be written. */
export interface Canaries {
  readonly [name: string]: string
}

interface CanaryHit {
  readonly place: string
  readonly canary: string
  readonly form: string
}

export interface CanaryScanner {
  readonly hits: readonly CanaryHit[]
  /** Characters by place. */
  readonly scanned: Readonly<Record<string, number>>
  scan(place: string, text: string): void
}

const leastBase64 = 8
/** What is shorter stands somewhere by chance. */
const leastCharacters = 6

/** The parts of a text's base64 that do not depend on what stands before and after it. */
function base64Forms(text: string): readonly string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.from(`${'\0'.repeat(shift)}${text}`).toString('base64')
    const whole = Math.floor(((shift + Buffer.byteLength(text)) * 8) / 6)
    return encoded.slice(Math.ceil((shift * 8) / 6), whole)
  })
}

/** A phone as digits; a Brazilian mobile also without its ninth digit, as WhatsApp may know it. */
function digitsOf(value: string): Readonly<Record<string, string>> {
  if (!value.startsWith('+')) return {}
  const digits = value.slice(1)
  const short = /^(55\d\d)9(\d{8})$/.exec(digits)
  return { digits, ...(short && { 'short digits': `${short[1]}${short[2]}` }) }
}

/** Forms that are looked for whatever their case. */
function formsOf(value: string): readonly (readonly [form: string, text: string])[] {
  const url = encodeURIComponent(value)
  const json = JSON.stringify(value).slice(1, -1)
  const digits = Object.entries(digitsOf(value))
  return [
    ['clear', value],
    ['json', json],
    ['ascii json', json.replace(/[^ -~]/g, escapeOf)],
    ['url', url],
    ['form', url.replaceAll('%20', '+')],
    ['hex', hexOf(value)],
    ...digits,
    ...digits.map(([form, text]) => [`${form} in hex`, hexOf(text)] as const),
  ]
}

const hexOf = (text: string) => Buffer.from(text).toString('hex')
const escapeOf = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** What one text that was found is a form of. */
type Meaning = Pick<CanaryHit, 'canary' | 'form'>

function meaningsOf(canaries: Canaries) {
  const caseless = new Map<string, Meaning[]>()
  // Base64 has cases, so it is looked for in the text as it is; digits of phones too.
  const exact = new Map<string, Meaning[]>()
  const add = (meanings: Map<string, Meaning[]>, text: string, meaning: Meaning) => {
    const known = meanings.get(text)
    if (known === undefined) meanings.set(text, [meaning])
    else known.push(meaning)
  }
  for (const [canary, value] of Object.entries(canaries)) {
    if (value.length < leastCharacters) throw new RangeError(`canary ${canary} is too short`)
    for (const [form, text] of formsOf(value)) add(caseless, text.toLowerCase(), { canary, form })
    const encoded = [value, ...Object.values(digitsOf(value))]
      .filter(({ length }) => length >= leastBase64)
      .flatMap(base64Forms)
    for (const text of encoded) add(exact, text, { canary, form: 'base64' })
  }
  return { caseless, exact }
}

/**
 * Scans texts for canaries: in clear, as JSON, URL-encoded, in hex and in base64 wherever it starts.
 * One pass for each of the two, whatever their number. @throws RangeError for a canary under 6
 * characters.
 */
export function makeScanner(canaries: Canaries): CanaryScanner {
  const { caseless, exact } = meaningsOf(canaries)
  const findCaseless = makePatternSearch(caseless.keys())
  const findExact = makePatternSearch(exact.keys())
  const hits: CanaryHit[] = []
  const scanned: Record<string, number> = {}
  return {
    hits,
    scanned,
    scan(place, text) {
      scanned[place] = (scanned[place] ?? 0) + text.length
      const found = [
        ...[...findCaseless(text.toLowerCase())].flatMap((each) => caseless.get(each) ?? []),
        ...[...findExact(text)].flatMap((each) => exact.get(each) ?? []),
      ]
      const once = new Map(found.map((meaning) => [JSON.stringify(meaning), meaning]))
      for (const meaning of once.values()) hits.push({ place, ...meaning })
    },
  }
}
