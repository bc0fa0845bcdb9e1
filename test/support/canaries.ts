/** What must be found nowhere, by name; and every form in which it could be written. */
export interface Canaries {
  readonly [name: string]: string
}

interface CanaryHit {
  readonly place: string
  readonly canary: string
  readonly form: string
}

const leastBase64 = 8

/** The parts of a text's base64 that do not depend on what stands before and after it. */
function base64Forms(text: string): readonly string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.from(`${'\0'.repeat(shift)}${text}`).toString('base64')
    const whole = Math.floor(((shift + Buffer.byteLength(text)) * 8) / 6)
    return encoded.slice(Math.ceil((shift * 8) / 6), whole)
  })
}

function formsOf(value: string): ReadonlyMap<string, string> {
  const digits = value.startsWith('+') ? value.slice(1) : ''
  const forms: [string, string][] = [
    ['clear', value.toLowerCase()],
    ['json', JSON.stringify(value).slice(1, -1).toLowerCase()],
    ['url', encodeURIComponent(value).toLowerCase()],
    ['hex', Buffer.from(value).toString('hex')],
  ]
  if (digits !== '') {
    forms.push(['digits', digits], ['digits in hex', Buffer.from(digits).toString('hex')])
  }
  return new Map(forms)
}

/** Scans texts for canaries: in clear, as JSON, URL-encoded, in hex and in base64 wherever it starts. */
export function makeScanner(canaries: Canaries) {
  const wanted = Object.entries(canaries).map(([canary, value]) => ({
    canary,
    forms: formsOf(value),
    // Base64 has cases, so it is looked for in the text as it is; digits of phones too.
    base64: [value, ...(value.startsWith('+') ? [value.slice(1)] : [])]
      .filter((text) => text.length >= leastBase64)
      .flatMap(base64Forms),
  }))
  const hits: CanaryHit[] = []
  const scanned: Record<string, number> = {}
  return {
    hits,
    /** Characters by place. */
    scanned,
    scan(place: string, text: string): void {
      scanned[place] = (scanned[place] ?? 0) + text.length
      const lower = text.toLowerCase()
      for (const { canary, forms, base64 } of wanted) {
        const found = [...forms].filter(([, value]) => lower.includes(value)).map(([form]) => form)
        if (base64.some((value) => text.includes(value))) found.push('base64')
        hits.push(...found.map((form) => ({ place, canary, form })))
      }
    },
  }
}
