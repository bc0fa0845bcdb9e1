import type { RefusalCode } from '#shared/domain/errors.ts'
import type { Side } from '#test/support/api-side.ts'
import type { Wanted } from '#test/support/operations.ts'

/**
 * What a request is answered. The gateway's own answers have no code; a 200 that holds a problem, as
 * that of a batch does, has the problem's.
 */
export interface Verdict {
  readonly status: number
  readonly code?: RefusalCode
}

/** An id of ours, or something else of one tenant, elsewhere in a request than in its path. */
export interface IdRow {
  /** One that this tenant may name in a request like this one. */
  readonly of: (side: Side, wanted: Wanted) => Promise<string>
  readonly put: (wanted: Wanted, id: string) => Wanted
  /** Default: what a request without it is answered. */
  readonly own?: Verdict
  /** For another tenant's and for what nobody has: they are not told apart. */
  readonly foreign: Verdict
  /** What nobody has. */
  readonly nobodys?: () => string
}

/** How an operation is asked for, and what it answers to ids that are not the caller's. */
export interface Row {
  /** What a good request is answered. */
  readonly answers: number
  /** A good request of this tenant, on things that no other request has touched. */
  readonly request: (side: Side) => Promise<Wanted>
  /** Where another tenant's id in the path is answered otherwise than the path's contract says. */
  readonly notFound?: Readonly<Record<string, RefusalCode>>
  /** Parts of the path that name nothing of a tenant. */
  readonly plain?: readonly string[]
  /** Parts of the path that are the caller's to choose: what is not there is made. */
  readonly makes?: readonly string[]
  readonly ids?: Readonly<Record<string, IdRow>>
  /** What another tenant's client is answered, where the body of a good request names what it must. */
  readonly stranger?: Verdict
}

export const inChat = async (side: Side): Promise<Wanted> => ({
  params: { chatId: (await side.chat()).chatId },
})
export const withBody = (wanted: Wanted, body: unknown): Wanted => ({ ...wanted, body })

/** The cursor of a list of which the tenant has more than one page. */
export function cursorOf(list: (side: Side, wanted: Wanted) => Promise<`/${string}`>): IdRow {
  return {
    of: async (side, wanted) => {
      const path = await list(side, wanted)
      const { json } = await side.ask(`GET ${path}?limit=1`)
      if (typeof json?.nextCursor !== 'string') throw new Error(`${path} has one page only`)
      return json.nextCursor
    },
    put: (wanted, cursor) => ({ ...wanted, query: { limit: '1', cursor } }),
    foreign: { status: 422, code: 'invalid-cursor' },
    nobodys: () => 'bm9ib2R5',
  }
}
