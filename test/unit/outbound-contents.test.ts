import type { APIGatewayProxyEventV2WithJWTAuthorizer, Context } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { operations } from '#shared/contracts/operation.ts'
import { contentOf, postMessageBody } from '#shared/contracts/post-message.ts'
import { api } from '#shared/runtime/http.ts'
import { type BadRow, badRows, type GoodRow, goodRows, mediaId } from './rows/contents.ts'

const body = (content: unknown) => ({ channel: 'WHATSAPP', content })
const echo = operations({
  echo: {
    method: 'POST',
    path: '/echo',
    scope: 'messages:send',
    audit: 'writes',
    summary: 'Answer what was said',
    body: postMessageBody,
    answers: { 202: { description: 'What was said.', schema: z.unknown() } },
    refusals: [],
  },
})
const caller = async () => ({ tenantId: '1', clientId: '1' })
const handler = api(
  echo,
  caller,
)({
  echo: async ({ body: { content } }) => ({ status: 202, body: content }),
})

/** What the API answers to this content, by its contract alone. */
async function answer(content: unknown) {
  const event = {
    routeKey: 'POST /echo',
    headers: {},
    body: JSON.stringify(body(content)),
    requestContext: {
      requestId: '1',
      http: { method: 'POST' },
      authorizer: { jwt: { claims: { iss: 'https://issuer.test', client_id: 'a' } } },
    },
  } as unknown as APIGatewayProxyEventV2WithJWTAuthorizer
  const { statusCode, body: text } = await handler(event, {} as Context)
  return { statusCode, json: JSON.parse(text ?? '') }
}

describe('a content that a client may send', () => {
  it.each<GoodRow>(goodRows)('%s', (_, content) => {
    const parsed = postMessageBody.parse(body(content))
    expect(contentOf(parsed)).toEqual(JSON.parse(JSON.stringify(content)))
  })

  it('names its file in one form', () => {
    const image = { type: 'image', mediaId: mediaId.toUpperCase() }
    expect(contentOf(postMessageBody.parse(body(image)))).toEqual({ type: 'image', mediaId })
  })
})

describe('a content that is refused with the path of its field', () => {
  it.each<BadRow>(badRows)('%s', async (_, content, path) => {
    const { statusCode, json } = await answer(content)
    expect({ statusCode, code: json.code }).toEqual({ statusCode: 422, code: 'invalid-body' })
    const paths = json.errors.map((error: { path: string }) => error.path)
    expect(paths).toContain(['content', path].filter(Boolean).join('.'))
  })

  it('names the first 50 of many mistakes', async () => {
    const { json } = await answer({
      type: 'text',
      text: 'Olá',
      ...Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`field${index}`, 1])),
    })
    expect(json.errors).toHaveLength(50)
    expect(json.errors[0].path).toBe('content.field0')
  })

  it.each(['Maria da Silva', 'maria@exemplo.com.br', '+5511988887777', '5511988887777'])(
    'does not say the key %s again',
    async (key) => {
      const { json } = await answer({ type: 'text', text: 'Olá', [key]: 1 })
      expect(json.errors).toEqual([{ path: 'content.?', message: 'is not known here' }])
    },
  )
})
