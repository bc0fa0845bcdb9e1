import * as z from 'zod'
import type { RefusalCode } from '../domain/errors.ts'
import { idPattern } from './paging.ts'
import type { Scope } from './scopes.ts'

/** A part of a path that names something; what cannot be its name is simply not found. */
export interface PathParam {
  readonly schema: z.ZodType<string>
  readonly notFound: RefusalCode
}

interface OperationAnswer {
  readonly description: string
  /** Undefined: the answer has no body. */
  readonly schema?: z.ZodType
  readonly example?: unknown
}

/** One operation of the API: what it takes, what it answers and what it may refuse. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: `/${string}`
  readonly scope: Scope
  /**
   * Whether a request leaves a row in the audit: one that shows what people wrote or are called, or
   * that changes something, does. `none` says why not.
   */
  readonly audit: 'reads' | 'writes' | { readonly none: string }
  readonly summary: string
  readonly description?: string
  readonly params?: Readonly<Record<string, PathParam>>
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  /** Makes something: the request must carry an Idempotency-Key. */
  readonly idempotent?: true
  /** Changes what somebody else may have changed: If-Match must name the ETag that was read. */
  readonly ifMatch?: true
  /** Default 256 KB. */
  readonly mostBodyBytes?: number
  readonly answers: Readonly<Record<number, OperationAnswer>>
  /** Of this operation; what any of them may answer is added. */
  readonly refusals: readonly RefusalCode[]
  /** Bodies that do what the summary says. */
  readonly examples?: Readonly<Record<string, unknown>>
}

/** The operations of one room of the API, by their id; one Lambda function answers all of them. */
export type Operations = Readonly<Record<string, Operation>>

/** Keeps the literal types of what is declared. */
export function operations<const T extends Operations>(declared: T): T {
  return declared
}

/** A part of a path that holds an id of ours: a decimal string. */
export function idParam(notFound: RefusalCode): PathParam {
  return {
    schema: z
      .string()
      .regex(idPattern)
      .meta({ examples: ['1042'] }),
    notFound,
  }
}
