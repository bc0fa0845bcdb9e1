import middy from '@middy/core'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { answerProblems, rawBody } from './gateway-event.ts'

interface DoorRequest {
  readonly method: string
  readonly params: Readonly<Record<string, string | undefined>>
  readonly rawBody: Uint8Array
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly query: Readonly<Record<string, string | undefined>>
}

/** A page for people instead of plain words; it loads nothing and runs nothing. */
interface DoorAnswer {
  readonly status: number
  readonly text?: string
  readonly html?: string
}

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** A door without a token of ours: a provider's webhook, or an address that a mail carries. */
export function webhook(work: (request: DoorRequest) => Promise<DoorAnswer>) {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({
    timeoutEarlyInMillis: 0,
  })
    .use(answerProblems())
    .handler(async (event) => {
      const { status, html, text } = await work({
        method: event.requestContext.http.method,
        params: event.pathParameters ?? {},
        rawBody: rawBody(event),
        headers: event.headers,
        query: event.queryStringParameters ?? {},
      })
      return {
        statusCode: status,
        headers: html === undefined ? { 'content-type': 'text/plain; charset=utf-8' } : pageHeaders,
        body: html ?? text,
      }
    })
}

/** A signed body that is no JSON is news of its own kind, not a reason to be sent again. */
export function jsonOrText(raw: Uint8Array): unknown {
  const text = new TextDecoder().decode(raw)
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
