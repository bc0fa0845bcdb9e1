import { createHash } from 'node:crypto'

/** Seeded source of chance and of ids: the same seed gives the same run. */
export class Random {
  readonly #seed: number
  #state: number
  #issued = 0

  constructor(seed: number) {
    this.#seed = seed
    this.#state = seed >>> 0
  }

  /** In [0, 1). mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** Bytes that no other call of this seed gives again. */
  uniqueBytes(length: number): Buffer {
    this.#issued += 1
    return createHash('sha512').update(`${this.#seed}:${this.#issued}`).digest().subarray(0, length)
  }

  /** Decimal digits, as Graph node ids are. */
  nodeId(): string {
    return String(this.uniqueBytes(8).readBigUInt64BE()).padStart(16, '1').slice(0, 16)
  }

  /** Variable length and case-sensitive, like the real ones: `wamid.HBg…==`. */
  wamid(recipient: string): string {
    const head = Buffer.from([0x1c, 0x18, recipient.length])
    const body = Buffer.concat([head, Buffer.from(recipient), this.uniqueBytes(18)])
    return `wamid.${body.toString('base64')}`
  }

  traceId(): string {
    return this.uniqueBytes(9).toString('base64url').slice(0, 11)
  }
}
