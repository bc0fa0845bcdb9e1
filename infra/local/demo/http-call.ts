import type * as z from 'zod'

export interface HttpCall<S extends z.ZodType> {
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly headers?: Readonly<Record<string, string>>
  /** A form, or what is sent as JSON. */
  readonly body?: unknown
  /** Statuses that are right; any other is an error that quotes the answer. */
  readonly statuses: readonly number[]
  readonly shape: S
  readonly limit: AbortSignal
}

export interface HttpAnswer<T> {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: T
}

/** One request. Throws for another status, for a body of another shape, and when the limit is over. */
export async function httpCall<S extends z.ZodType>(
  call: HttpCall<S>,
): Promise<HttpAnswer<z.output<S>>> {
  const { url, method = 'GET', headers, body, statuses, shape, limit } = call
  const { pathname } = new URL(url)
  const isForm = body instanceof URLSearchParams
  const isJson = body !== undefined && !isForm
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(isJson && { 'content-type': 'application/json' }) },
    ...(isForm && { body }),
    ...(isJson && { body: JSON.stringify(body) }),
    signal: limit,
  }).catch((error: Error) => {
    if (limit.aborted) throw new Error(`${method} ${pathname} has no answer`)
    throw new Error(`${method} ${url} cannot be reached (${causeOf(error)})`)
  })
  const text = await response.text()
  if (!statuses.includes(response.status)) {
    throw new Error(`${method} ${pathname} answered ${response.status} ${text.slice(0, 300)}`)
  }
  const parsed = shape.safeParse(JSON.parse(text))
  if (parsed.success) {
    return { status: response.status, headers: response.headers, text, json: parsed.data }
  }
  const [issue] = parsed.error.issues
  throw new Error(`${method} ${pathname} answered no ${issue?.path.join('.')}: ${issue?.message}`)
}

function causeOf({ cause, message }: Error): string {
  return cause instanceof Error ? cause.message : message
}
