import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes } from '#infra/topology.ts'
import { scopes } from '#shared/contracts/scopes.ts'
import {
  at,
  functionNamed,
  ofType,
  pointsTo,
  type Resource,
  type Synthesised,
  synthesised,
  theOne,
} from '#test/infra/synthesised.ts'

const issuer = 'https://login.example.com/tenant'

let stack: Synthesised
beforeAll(async () => {
  stack = await synthesised({ issuer, audience: 'recado, recado-inbox' })
})
afterAll(() => stack.remove())

function routeOf(key: string): Resource {
  const found = ofType(stack, 'AWS::ApiGatewayV2::Route')
  return theOne(
    found.filter(([, { Properties }]) => Properties.RouteKey === key),
    key,
  )[1]
}

/** `integrations/<id>` as CDK joins it. */
function functionBehind(route: Resource): string | undefined {
  const integrationId = pointsTo(at(route.Properties, 'Target.Fn::Join.1.1')) ?? ''
  return pointsTo(stack.resources[integrationId]?.Properties.IntegrationUri)
}

describe.each(routes)('$method $path', (route) => {
  const key = `${route.method} ${route.path}`

  it('reaches its function, which lets the API call it', () => {
    const functionId = functionNamed(stack, route.function)[0]
    expect(functionBehind(routeOf(key))).toBe(functionId)
    const allowed = ofType(stack, 'AWS::Lambda::Permission').filter(
      ([, { Properties }]) => pointsTo(Properties.FunctionName) === functionId,
    )
    expect(allowed.map(([, { Properties }]) => Properties.Principal)).toContain(
      'apigateway.amazonaws.com',
    )
  })

  it('wants the scope of the topology, or no token at all', () => {
    const { Properties } = routeOf(key)
    if (route.scope === undefined) {
      expect(Properties.AuthorizationType).toBe('NONE')
      expect(Properties).not.toHaveProperty('AuthorizerId')
    } else {
      const [authorizerId] = theOne(ofType(stack, 'AWS::ApiGatewayV2::Authorizer'), 'authorizer')
      expect(Properties.AuthorizationType).toBe('JWT')
      expect(Properties.AuthorizationScopes).toEqual([route.scope, 'admin'])
      expect(pointsTo(Properties.AuthorizerId)).toBe(authorizerId)
    }
  })
})

it('has no route beside the topology', () => {
  const keys = ofType(stack, 'AWS::ApiGatewayV2::Route').map(
    ([, { Properties }]) => Properties.RouteKey,
  )
  expect(keys.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort())
})

it('leaves only webhooks, what a mail carries and the documentation without a token, each with its reason', () => {
  const open = routes.filter(({ scope }) => scope === undefined)
  expect(
    open
      .map(({ path }) => path)
      .filter((path) => !path.startsWith('/webhooks/'))
      .toSorted(),
  ).toEqual(
    [
      '/openapi.json',
      '/docs',
      '/docs/{file}',
      '/unsubscribe/{token}',
      '/unsubscribe/{token}',
    ].toSorted(),
  )
  for (const route of routes) {
    expect(route.openBecause !== undefined, route.path).toBe(route.scope === undefined)
  }
})

it('asks for every scope somewhere', () => {
  const asked = new Set(['admin', ...routes.flatMap(({ scope }) => scope ?? [])])
  expect([...asked].sort()).toEqual([...scopes].sort())
})

it('takes tokens of the issuer for any of the audiences', () => {
  const [, authorizer] = theOne(ofType(stack, 'AWS::ApiGatewayV2::Authorizer'), 'authorizer')
  expect(authorizer.Properties).toMatchObject({
    AuthorizerType: 'JWT',
    JwtConfiguration: { Issuer: issuer, Audience: ['recado', 'recado-inbox'] },
  })
})

describe('stage', () => {
  const stage = () => theOne(ofType(stack, 'AWS::ApiGatewayV2::Stage'), 'stage')[1].Properties

  it('limits all callers together', () => {
    expect(stage()).toMatchObject({
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 },
    })
  })

  it('logs who called which route, and never a path, a query or a body', () => {
    const group = stack.resources[pointsTo(at(stage(), 'AccessLogSettings.DestinationArn')) ?? '']
    expect(group?.Properties.RetentionInDays).toBe(30)
    const format = JSON.parse(String(at(stage(), 'AccessLogSettings.Format')))
    const logged = Object.values(format).map(String)
    expect(logged).toContain('$context.routeKey')
    expect(logged.filter((field) => /path|query|body|phone|mail/i.test(field))).toEqual([])
  })
})
