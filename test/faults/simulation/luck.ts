import type { Randomness } from '#shared/ports/randomness.ts'

/** Chance from a seed: the same seed, the same run. */
export interface Luck extends Randomness {
  /** 0 to `most`, whole. */
  upTo(most: number): number
  between(least: number, most: number): number
  chance(probability: number): boolean
  /** Throws for an empty list. */
  pick<T>(items: readonly T[]): T
  /** A stream of its own: what one part draws moves no other part. */
  fork(label: string): Luck
}

/** Small fast counter, 32 bits (Chris Doty-Humphrey's sfc32). */
function sfc32(seed: readonly [number, number, number]): () => number {
  let [a, b, c] = seed
  let counter = 1
  const next = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let warmUp = 0; warmUp < 12; warmUp += 1) next()
  return next
}

export function makeLuck(seed: number, label = ''): Luck {
  const next = sfc32([seed | 0, hash(label), Math.floor(seed / 2 ** 32) | 0])
  const fraction = () => next() / 2 ** 32
  const upTo = (most: number) => Math.floor(fraction() * (most + 1))
  return {
    fraction,
    upTo,
    between: (least, most) => least + upTo(most - least),
    chance: (probability) => fraction() < probability,
    pick: (items) => {
      const item = items[upTo(items.length - 1)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    uuid: () => {
      const [one, two, three, four] = [next(), next(), next(), next()].map(hex)
      const middle = `${two?.slice(0, 4)}-4${two?.slice(5)}-8${three?.slice(1, 4)}`
      return `${one}-${middle}-${three?.slice(4)}${four}`
    },
    fork: (name) => makeLuck(seed, `${label}/${name}`),
  }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0')
}

function hash(label: string): number {
  let state = 0x811c9dc5
  for (let at = 0; at < label.length; at += 1) {
    state = Math.imul(state ^ label.charCodeAt(at), 0x01000193)
  }
  return state
}
