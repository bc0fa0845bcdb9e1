/** The federative units: what clocks they go by (of most of the unit), and their area codes. */
const units = {
  AC: ['America/Rio_Branco', '68'],
  AL: ['America/Maceio', '82'],
  AM: ['America/Manaus', '92 97'],
  AP: ['America/Belem', '96'],
  BA: ['America/Bahia', '71 73 74 75 77'],
  CE: ['America/Fortaleza', '85 88'],
  DF: ['America/Sao_Paulo', '61'],
  ES: ['America/Sao_Paulo', '27 28'],
  GO: ['America/Sao_Paulo', '62 64'],
  MA: ['America/Fortaleza', '98 99'],
  MG: ['America/Sao_Paulo', '31 32 33 34 35 37 38'],
  MS: ['America/Campo_Grande', '67'],
  MT: ['America/Cuiaba', '65 66'],
  PA: ['America/Belem', '91 93 94'],
  PB: ['America/Fortaleza', '83'],
  PE: ['America/Recife', '81 87'],
  PI: ['America/Fortaleza', '86 89'],
  PR: ['America/Sao_Paulo', '41 42 43 44 45 46'],
  RJ: ['America/Sao_Paulo', '21 22 24'],
  RN: ['America/Fortaleza', '84'],
  RO: ['America/Porto_Velho', '69'],
  RR: ['America/Boa_Vista', '95'],
  RS: ['America/Sao_Paulo', '51 53 54 55'],
  SC: ['America/Sao_Paulo', '47 48 49'],
  SE: ['America/Maceio', '79'],
  SP: ['America/Sao_Paulo', '11 12 13 14 15 16 17 18 19'],
  TO: ['America/Araguaina', '63'],
} as const satisfies Record<string, readonly [string, string]>

export type State = keyof typeof units

export const states = Object.keys(units) as readonly State[]

const byAreaCode = new Map(
  states.flatMap((state) => units[state][1].split(' ').map((code) => [code, state] as const)),
)

export function isState(text: string): text is State {
  return Object.hasOwn(units, text)
}

export function zoneOfState(state: State): string {
  return units[state][0]
}

/**
 * The state that a Brazilian number was given out in (E.164, `+55 DD …`); undefined of others. 61 is
 * also spoken around the Federal District: it counts as DF.
 */
export function stateOfPhone(e164: string): State | undefined {
  const match = /^\+55([1-9]\d)\d{8,9}$/.exec(e164)
  return match?.[1] === undefined ? undefined : byAreaCode.get(match[1])
}
