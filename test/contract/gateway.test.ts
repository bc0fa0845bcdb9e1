import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AccessLogEntry, type Gateway, startGateway } from '#infra/local/gateway/gateway.ts'
import type { Invoke } from '#infra/local/lambda/invocation.ts'
import { LambdaPool } from '#infra/local/lambda/pool.ts'

const accessLog: AccessLogEntry[] = []
let pool: LambdaPool
let gateway: Gateway

const open = { scopes: [], authorizer: undefined, functionName: 'http' }
const routes = [
  { ...open, method: 'POST', path: '/chats' },
  { ...open, method: 'GET', path: '/chats/{chatId}' },
  { ...open, method: 'GET', path: '/chats/{chatId}/messages/{messageId}' },
  { ...open, method: 'GET', path: '/chats/own' },
  { ...open, method: 'ANY', path: '/any' },
  { ...open, method: 'PUT', path: '/any' },
  { ...open, method: 'GET', path: '/files/{path+}' },
]

beforeAll(async () => {
  pool = new LambdaPool({
    region: 'sa-east-1',
    accountId: '000000000000',
    functions: [
      {
        name: 'http',
        codeDirectory: fileURLToPath(new URL('../fixtures/lambda/http', import.meta.url)),
        handler: 'index.handler',
        timeoutSeconds: 30,
        memoryMb: 128,
        environment: {},
      },
    ],
  })
  gateway = await startGatewayOn(pool.invoke)
})

afterAll(async () => {
  await gateway.close()
  await pool.close()
})

beforeEach(() => {
  accessLog.length = 0
})

function startGatewayOn(invoke: Invoke, more: object = {}): Promise<Gateway> {
  return startGateway({
    host: '127.0.0.1',
    port: 0,
    accountId: '000000000000',
    routes,
    invoke,
    accessLog: (entry) => accessLog.push(entry),
    ...more,
  })
}

const at = (path: string) => `${gateway.url}${path}`

async function eventOf(path: string, init?: RequestInit): Promise<APIGatewayProxyEventV2> {
  const answer = await fetch(at(path), init)
  expect(answer.status).toBe(200)
  return (await answer.json()) as APIGatewayProxyEventV2
}

const answering = (answer: unknown) => ({ headers: { 'x-answer': JSON.stringify(answer) } })

describe('routes', () => {
  it.each([
    ['POST', '/chats', 'POST /chats', undefined],
    ['GET', '/chats/7', 'GET /chats/{chatId}', { chatId: '7' }],
    ['GET', '/chats/own', 'GET /chats/own', undefined],
    ['GET', '/chats/a%2Fb%20%C3%A7', 'GET /chats/{chatId}', { chatId: 'a/b ç' }],
    [
      'GET',
      '/chats/1/messages/2',
      'GET /chats/{chatId}/messages/{messageId}',
      { chatId: '1', messageId: '2' },
    ],
    ['GET', '/files/a/b/c.png', 'GET /files/{path+}', { path: 'a/b/c.png' }],
    ['PUT', '/any', 'PUT /any', undefined],
    ['DELETE', '/any', 'ANY /any', undefined],
    ['OPTIONS', '/any', 'ANY /any', undefined],
  ])('%s %s goes to %s', async (...[method, path, routeKey, pathParameters]) => {
    const event = await eventOf(path, { method })
    expect(event.routeKey).toBe(routeKey)
    expect(event.requestContext).toMatchObject({ routeKey, http: { method, path } })
    expect(event.pathParameters).toStrictEqual(pathParameters)
  })

  it.each([
    ['GET', '/'],
    ['GET', '/chats'],
    ['GET', '/chats/'],
    ['GET', '/chats/7/'],
    ['GET', '/chats//messages/2'],
    ['OPTIONS', '/chats'],
    ['GET', '/files/'],
    ['GET', '/Chats/7'],
  ])('%s %s is not found', async (method, path) => {
    const answer = await fetch(at(path), { method })
    expect(answer.status).toBe(404)
    expect(await answer.json()).toStrictEqual({ message: 'Not Found' })
  })

  it('answers HEAD without a body, and 404 where only GET exists', async () => {
    const any = await fetch(at('/any'), { method: 'HEAD' })
    expect([any.status, await any.text()]).toStrictEqual([200, ''])
    expect((await fetch(at('/chats/7'), { method: 'HEAD' })).status).toBe(404)
  })

  it('refuses a path that is not URL encoded', async () => {
    expect((await fetch(at('/chats/%E0%A4%A'))).status).toBe(400)
  })

  it('gives what no route fits to $default', async () => {
    const withDefault = await startGatewayOn(pool.invoke, {
      routes: [...routes, { ...open, method: 'ANY', path: '$default' }],
    })
    const event = await (await fetch(`${withDefault.url}/else/where`)).json()
    expect(event).toMatchObject({ routeKey: '$default', rawPath: '/else/where' })
    const other = await (await fetch(`${withDefault.url}/chats/7`)).json()
    expect(other).toMatchObject({ routeKey: 'GET /chats/{chatId}' })
    await withDefault.close()
  })
})

describe('the event', () => {
  it('has lower-case joined headers, cookies apart, and the query decoded', async () => {
    const request = httpRequest(at('/chats/7?a=1&a=2&hub.mode=sub+scribe&q=%C3%A7%26&empty='), {
      headers: { 'X-Thing': ['one', 'two'], Cookie: 'a=1; b=2', 'User-Agent': 'test' },
    })
    request.end()
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    const event = JSON.parse(await text(answer))
    expect(event).toMatchObject({
      version: '2.0',
      rawPath: '/chats/7',
      rawQueryString: 'a=1&a=2&hub.mode=sub+scribe&q=%C3%A7%26&empty=',
      queryStringParameters: { a: '1,2', 'hub.mode': 'sub scribe', q: 'ç&', empty: '' },
      cookies: ['a=1', 'b=2'],
      headers: { 'x-thing': 'one,two', 'user-agent': 'test', 'x-forwarded-for': '127.0.0.1' },
      requestContext: {
        accountId: '000000000000',
        http: { protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
        stage: '$default',
      },
      isBase64Encoded: false,
    })
    expect(event.headers).not.toHaveProperty('cookie')
    expect(event.headers).not.toHaveProperty('connection')
    expect(event.requestContext.time).toMatch(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/)
    expect(event.requestContext.requestId).toBe(answer.headers['apigw-requestid'])
  })

  it('leaves out what the request lacks', async () => {
    const event = await eventOf('/any')
    const absent = ['body', 'cookies', 'queryStringParameters', 'pathParameters']
    for (const key of absent) expect(event).not.toHaveProperty(key)
    expect(event.requestContext).not.toHaveProperty('authorizer')
    expect(await eventOf('/chats', { method: 'POST', body: '' })).not.toHaveProperty('body')
  })

  it.each([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['text/plain', false],
    ['application/xml', false],
    ['application/javascript', false],
    ['application/octet-stream', true],
    ['application/x-www-form-urlencoded', true],
    ['image/png', true],
    ['', true],
  ])('has a body of type "%s", base64: %s', async (type, isBase64Encoded) => {
    const sent = Buffer.from('{"text":"olá \\u00e7 😀"}')
    const headers: Record<string, string> = type === '' ? {} : { 'content-type': type }
    const event = await eventOf('/chats', { method: 'POST', headers, body: new Uint8Array(sent) })
    expect(event.isBase64Encoded).toBe(isBase64Encoded)
    expect(Buffer.from(event.body ?? '', isBase64Encoded ? 'base64' : 'utf8')).toStrictEqual(sent)
  })

  it('keeps every byte of a binary body', async () => {
    const sent = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const headers = { 'content-type': 'application/octet-stream' }
    const event = await eventOf('/chats', { method: 'POST', headers, body: new Uint8Array(sent) })
    expect(Buffer.from(event.body ?? '', 'base64')).toStrictEqual(sent)
  })

  it.each([
    ['more than API Gateway takes', 10 * 1024 * 1024 + 1, 'text/plain'],
    ['more than Lambda takes', 6 * 1024 * 1024, 'text/plain'],
    ['more than Lambda takes once it is base64', 5 * 1024 * 1024, 'image/png'],
  ])('refuses %s', async (_, size, type) => {
    const headers = { 'content-type': type }
    const answer = await fetch(at('/chats'), { method: 'POST', headers, body: 'x'.repeat(size) })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toStrictEqual({ message: 'Request Entity Too Large' })
  })
})

describe('the response', () => {
  it('has the status, headers, cookies and body of the result', async () => {
    const answer = await fetch(
      at('/any'),
      answering({
        statusCode: 202,
        headers: { Location: '/chats/7', 'Content-Type': 'application/problem+json', 'X-Count': 3 },
        cookies: ['a=1; HttpOnly', 'b=2'],
        body: '{"text":"olá"}',
      }),
    )
    expect(answer.status).toBe(202)
    expect(answer.headers.get('location')).toBe('/chats/7')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.headers.get('x-count')).toBe('3')
    expect(answer.headers.getSetCookie()).toStrictEqual(['a=1; HttpOnly', 'b=2'])
    expect(await answer.text()).toBe('{"text":"olá"}')
  })

  it('decodes a base64 body', async () => {
    const body = Buffer.from([0, 255, 128]).toString('base64')
    const answer = await fetch(
      at('/any'),
      answering({ statusCode: 200, body, isBase64Encoded: true }),
    )
    expect(Buffer.from(await answer.arrayBuffer())).toStrictEqual(Buffer.from([0, 255, 128]))
  })

  it.each([
    [{ ok: true }, '{"ok":true}'],
    ['text', 'text'],
    [[1, 2], '[1,2]'],
    [null, 'null'],
  ])('is a 200 for the plain value %j', async (value, body) => {
    const answer = await fetch(at('/any'), answering(value))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.text()).toBe(body)
  })

  it.each([
    { statusCode: 204 },
    { statusCode: 304, body: '' },
    { statusCode: '201', body: 'made' },
  ])('takes %j', async (result) => {
    const answer = await fetch(at('/any'), answering(result))
    expect(answer.status).toBe(Number(result.statusCode))
    expect(await answer.text()).toBe(result.body ?? '')
  })

  it.each([
    { statusCode: 'none' },
    { statusCode: 99 },
    { statusCode: 200, body: { not: 'text' } },
    { statusCode: 200, headers: { list: ['a'] } },
    { statusCode: 200, headers: { 'bad name': 'x' } },
    { statusCode: 200, cookies: 'a=1' },
  ])('is a 500 for %j', async (result) => {
    const answer = await fetch(at('/any'), answering(result))
    expect(answer.status).toBe(500)
    expect(await answer.json()).toStrictEqual({ message: 'Internal Server Error' })
  })

  it('is a 500 for a function that throws, with the reason in the access log', async () => {
    const answer = await fetch(at('/any'), { headers: { 'x-answer': 'throw' } })
    expect(answer.status).toBe(500)
    expect(await answer.json()).toStrictEqual({ message: 'Internal Server Error' })
    await expect.poll(() => accessLog.length).toBe(1)
    expect(accessLog[0]).toMatchObject({
      method: 'GET',
      path: '/any',
      routeKey: 'ANY /any',
      status: 500,
      reason: 'Error: the handler threw',
    })
  })

  it('is a 503 when the function takes longer than the integration may', async () => {
    const impatient = await startGatewayOn(pool.invoke, { integrationTimeoutSeconds: 0.2 })
    const answer = await fetch(`${impatient.url}/any`, { headers: { 'x-answer': 'never' } })
    expect(answer.status).toBe(503)
    expect(await answer.json()).toStrictEqual({ message: 'Service Unavailable' })
    await impatient.close()
  })
})

it('closes though a request hangs', async () => {
  const reached = Promise.withResolvers<void>()
  const other = await startGatewayOn(() => {
    reached.resolve()
    return new Promise(() => undefined)
  })
  const failed = expect(fetch(`${other.url}/any`)).rejects.toThrow('fetch failed')
  await reached.promise
  await other.close(0.1)
  await failed
})
