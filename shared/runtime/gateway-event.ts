import type middy from '@middy/core'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import type { Quota } from '../domain/caller.ts'
import { describeError, log } from './log.ts'
import { problemOf } from './problems.ts'
import { quotaHeaders } from './quota-headers.ts'

/** What the API and the doors without a token of ours do alike with what API Gateway brings. */

/** What a request has left in its client's bucket, once the database has told. */
export const quotas = new WeakMap<object, Quota>()

/** Names the request in the logs, and turns what is thrown into a problem. */
export function answerProblems(): middy.MiddlewareObj<
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Error,
  Context
> {
  return {
    before: ({ event, context }) => {
      log.addContext(context)
      log.resetKeys()
      log.appendKeys({ requestId: event.requestContext.requestId, route: event.routeKey })
    },
    onError: (request) => {
      const answer = problemOf(request.error, traceOf(request.event))
      if (answer.statusCode === 500) log.error('request failed', describeError(request.error))
      const headers = { ...answer.headers, ...quotaHeaders(quotas.get(request.event)) }
      request.response = { ...answer, headers }
    },
  }
}

/** The ids by which our logs and AWS X-Ray know this request. */
function traceOf(event: APIGatewayProxyEventV2) {
  const root = /Root=([\w-]{1,64})/.exec(event.headers['x-amzn-trace-id'] ?? '')?.[1]
  const { requestId } = event.requestContext
  return { requestId, traceId: root ?? requestId }
}

/** Bytes as the provider sent and signed them, whatever API Gateway made of them. */
export function rawBody(
  event: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>,
): Uint8Array {
  return Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')
}
