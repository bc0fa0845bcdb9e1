import * as z from 'zod'
import { GraphError } from './graph-error.ts'

export const businessNumberSchema = z.strictObject({
  phoneNumberId: z.string().regex(/^\d+$/),
  wabaId: z.string().regex(/^\d+$/),
  /** With country code, e.g. `+55 11 4000-0000`. */
  displayPhoneNumber: z.string().min(5),
  accessToken: z.string().min(1),
  /** Messages per second, in and out; no limit without it. */
  throughputPerSecond: z.number().positive().optional(),
})

/** A phone number of the business that sends. */
export type BusinessNumber = Readonly<z.output<typeof businessNumberSchema>>

/** The business numbers and who may use them. */
export class Numbers {
  readonly #numbers = new Map<string, BusinessNumber>()

  constructor(numbers: readonly BusinessNumber[]) {
    for (const number of numbers) this.put(number)
  }

  /** Adds a number or replaces it, e.g. with a new access token. */
  put(number: z.input<typeof businessNumberSchema>): BusinessNumber {
    const parsed = businessNumberSchema.parse(number)
    this.#numbers.set(parsed.phoneNumberId, parsed)
    return parsed
  }

  list(): BusinessNumber[] {
    return [...this.#numbers.values()]
  }

  /** The number, or the first one when no id is given. */
  find(phoneNumberId: string | undefined): BusinessNumber | undefined {
    return phoneNumberId === undefined ? this.list()[0] : this.#numbers.get(phoneNumberId)
  }

  /**
   * The number with this id, for the bearer of its token.
   * Throws GraphError 0 (no token), 190 (unknown token), 100/33 (unknown id), 10 (another's token).
   */
  authorised(authorization: string | undefined, phoneNumberId: string): BusinessNumber {
    const token = this.#knownToken(authorization)
    const number = this.#numbers.get(phoneNumberId)
    if (!number) throw unknownObject(phoneNumberId)
    if (number.accessToken !== token) throw new GraphError(10)
    return number
  }

  /** The numbers that the bearer may use. Throws GraphError 0 or 190. */
  ownedBy(authorization: string | undefined): BusinessNumber[] {
    const token = this.#knownToken(authorization)
    return this.list().filter(({ accessToken }) => accessToken === token)
  }

  #knownToken(authorization: string | undefined): string {
    const [, token] = /^(?:Bearer|OAuth) +(\S+)$/i.exec(authorization ?? '') ?? []
    if (token === undefined) {
      throw new GraphError(0, 'An access token is required to request this resource')
    }
    if (this.list().every(({ accessToken }) => accessToken !== token)) {
      throw new GraphError(190, 'Cannot parse access token, or it has expired')
    }
    return token
  }
}

export function unknownObject(id: string): GraphError {
  return new GraphError(
    100,
    `Unsupported request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
    { subcode: 33 },
  )
}
