import { type BehaviourName, behaviourNames, behaviours, type Plan, planOf } from './behaviours.ts'

/**
 * Recipients that provoke a case by themselves: `+55 AA 90CCC-CCCC`. Nobody's numbers: Brazilian
 * mobiles do not begin with 90. AA says what happens, the last seven digits are Meta's error code
 * (padded with zeros) or, under area code 19, a behaviour.
 */
const magicNumber = /^55(\d\d)9?0(\d{7})$/

const codeAreas: Readonly<Record<string, BehaviourName>> = {
  11: 'error',
  12: 'error',
  21: 'failed',
  22: 'failed-after-sent',
  24: 'failed-after-delivered',
}
const onceArea = '12'
const behaviourArea = '19'

const byNumber = new Map(
  behaviourNames.flatMap((name) => {
    const { number } = behaviours[name]
    return number === undefined ? [] : [[number.padStart(7, '0'), name] as const]
  }),
)

/** Remembers which numbers of the "first time only" area have had their error. */
export class MagicNumbers {
  readonly #spent = new Set<string>()

  /** The fate that the recipient's digits ask for, or undefined for an everyday number. */
  planFor(digits: string): Plan | undefined {
    const [, area = '', digitsAfter = ''] = magicNumber.exec(digits) ?? []
    if (area === behaviourArea) {
      const name = byNumber.get(digitsAfter)
      return name && planOf(name)
    }
    const name = codeAreas[area]
    if (name === undefined || (area === onceArea && this.#isSpent(digits))) return undefined
    return planOf(name, { code: Number(digitsAfter) })
  }

  #isSpent(digits: string): boolean {
    if (this.#spent.has(digits)) return true
    this.#spent.add(digits)
    return false
  }
}

/** The magic number, in E.164, that names this behaviour; with an error code where it needs one. */
export function magicNumberFor(name: BehaviourName | 'error-once', code = 0): string {
  const digits = String(code).padStart(7, '0')
  if (name === 'error-once') return `+55${onceArea}90${digits}`
  const area = Object.keys(codeAreas).find((key) => codeAreas[key] === name)
  if (area !== undefined) return `+55${area}90${digits}`
  const { number } = behaviours[name]
  if (number === undefined) throw new Error(`${name} has no magic number: use a fault`)
  return `+55${behaviourArea}90${number.padStart(7, '0')}`
}
