import { errorRows } from './error-rows.ts'

export interface ErrorMeaning {
  readonly code: number
  readonly httpStatus: number
  readonly title: string
  readonly transient: boolean
}

const transientCodes: ReadonlySet<number> = new Set([2, 131016, 131057, 133004])
const meanings: ReadonlyMap<number, ErrorMeaning> = new Map(
  errorRows.map(([code, httpStatus, title]) => [
    code,
    { code, httpStatus, title, transient: transientCodes.has(code) },
  ]),
)

export const knownErrorCodes: readonly number[] = [...meanings.keys()]

/** What a code means; a code nobody documented is HTTP 400 and not transient. */
export function errorMeaning(code: number): ErrorMeaning {
  return (
    meanings.get(code) ?? { code, httpStatus: 400, title: 'Undocumented error', transient: false }
  )
}

interface ErrorExtras {
  readonly httpStatus?: number | undefined
  readonly transient?: boolean | undefined
  readonly subcode?: number | undefined
}

/** Ends a request with Meta's error envelope. */
export class GraphError extends Error {
  readonly code: number
  readonly details: string
  readonly httpStatus: number
  readonly transient: boolean
  readonly subcode: number | undefined

  constructor(code: number, details?: string, extras: ErrorExtras = {}) {
    const meaning = errorMeaning(code)
    super(code === 0 || code === 190 ? meaning.title : `(#${code}) ${meaning.title}`)
    this.code = code
    this.details = details ?? meaning.title
    this.httpStatus = extras.httpStatus ?? meaning.httpStatus
    this.transient = extras.transient ?? meaning.transient
    this.subcode = extras.subcode
  }

  envelope(traceId: string): object {
    return {
      error: {
        message: this.message,
        type: this.code === 100 && this.subcode === 33 ? 'GraphMethodException' : 'OAuthException',
        code: this.code,
        ...(this.subcode === undefined ? {} : { error_subcode: this.subcode }),
        error_data: { messaging_product: 'whatsapp', details: this.details },
        is_transient: this.transient,
        fbtrace_id: traceId,
      },
    }
  }
}

/** The same error as a webhook tells it, in `errors[]`. */
export function reportedError(code: number, details?: string): object {
  const { title } = errorMeaning(code)
  return {
    code,
    title,
    message: title,
    error_data: { details: details ?? title },
    href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
  }
}
