/** Numbers of the rolling hash and of the sieve that is asked before the table. */
const base = 0x0100_0193
const spread = 0x9e37_79b1
const sieveBits = 21

/**
 * Looks for many texts in one pass, however many they are: the hash of the last few characters rolls
 * over the text, and only where it is one of a pattern's end is anything compared.
 * @throws RangeError for a pattern that is empty.
 */
export function makePatternSearch(patterns: Iterable<string>): (text: string) => Set<string> {
  const wanted = [...new Set(patterns)]
  const width = Math.min(...wanted.map(({ length }) => length))
  if (width === 0) throw new RangeError('an empty pattern is everywhere')
  const ends = Map.groupBy(wanted, (pattern) => hashOf(pattern.slice(-width)))
  const mayEndHere = makeSieve(ends.keys())
  const leaving = Array.from({ length: width }).reduce<number>((power) => Math.imul(power, base), 1)

  return (text) => {
    const found = new Set<string>()
    const compare = (hash: number, end: number) => {
      for (const pattern of ends.get(hash) ?? []) {
        if (text.endsWith(pattern, end)) found.add(pattern)
      }
    }
    let hash = hashOf(text.slice(0, width))
    if (mayEndHere(hash)) compare(hash, width)
    for (let at = width; at < text.length; at += 1) {
      const rolled = Math.imul(hash, base) + text.charCodeAt(at)
      hash = (rolled - Math.imul(text.charCodeAt(at - width), leaving)) | 0
      if (mayEndHere(hash)) compare(hash, at + 1)
    }
    return found
  }
}

/** Whether a hash is among these: yes is a maybe, no is a no. */
function makeSieve(hashes: Iterable<number>): (hash: number) => boolean {
  const places = new Uint8Array(2 ** sieveBits)
  const placeOf = (hash: number) => Math.imul(hash, spread) >>> (32 - sieveBits)
  for (const hash of hashes) places[placeOf(hash)] = 1
  return (hash) => places[placeOf(hash)] === 1
}

function hashOf(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at += 1) {
    hash = (Math.imul(hash, base) + text.charCodeAt(at)) | 0
  }
  return hash
}
