import type { Operation } from '../operation.ts'
import type { ProblemRow } from '../problem.ts'

export type Problems = Readonly<Record<string, ProblemRow>>

/** What any operation may answer, and what follows from what it takes. */
const general: readonly {
  readonly applies: (operation: Operation) => boolean
  readonly codes: readonly string[]
}[] = [
  {
    applies: () => true,
    codes: [
      'principal-missing',
      'client-unknown',
      'invalid-purpose',
      'rate-limited',
      'internal-error',
    ],
  },
  {
    applies: ({ body }) => body !== undefined,
    codes: ['invalid-json', 'invalid-body', 'body-too-large'],
  },
  { applies: ({ query }) => query !== undefined, codes: ['invalid-query'] },
  {
    applies: ({ idempotent }) => idempotent === true,
    codes: ['idempotency-key-missing', 'invalid-idempotency-key', 'idempotency-key-mismatch'],
  },
  {
    applies: ({ ifMatch }) => ifMatch === true,
    codes: ['if-match-missing', 'version-mismatch'],
  },
]

/** What any operation may answer, and any that takes a body. */
export function generalCodes(problems: Problems): readonly string[] {
  const [any, withBody] = general
  const codes = [...(any?.codes ?? []), ...(withBody?.codes ?? [])]
  return codes.filter((code) => Object.hasOwn(problems, code))
}

/** Every code that an operation may answer, its own ones last. */
export function refusalCodes(operation: Operation, problems: Problems): readonly string[] {
  const codes = [
    ...general.flatMap(({ applies, codes }) => (applies(operation) ? codes : [])),
    ...Object.values(operation.params ?? {}).map(({ notFound }) => notFound),
    ...operation.refusals,
  ]
  return [...new Set(codes)].filter((code) => Object.hasOwn(problems, code))
}

/** Codes by their status. */
export function codesByStatus(
  codes: readonly string[],
  problems: Problems,
): ReadonlyMap<number, readonly string[]> {
  return Map.groupBy(codes, (code) => problems[code]?.status ?? 500)
}
