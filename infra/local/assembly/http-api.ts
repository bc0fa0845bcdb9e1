import * as z from 'zod'
import { type Lookup, reference, resolve, type TemplateValue } from './intrinsics.ts'
import { anyValue, ofType, parseProperties, refusal } from './properties.ts'
import type { Targets } from './targets.ts'
import type { Resource, Template } from './template.ts'
import type { Authorizer, Route } from './types.ts'

const routeProperties = z.looseObject({
  AuthorizationScopes: z.array(z.string()).default([]),
  AuthorizationType: z.enum(['NONE', 'JWT']).default('NONE'),
  AuthorizerId: anyValue.optional(),
  RouteKey: z.string(),
  Target: anyValue,
})

const integrationProperties = z.looseObject({
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: anyValue,
  PayloadFormatVersion: z.literal('2.0'),
})

const authorizerProperties = z.looseObject({
  AuthorizerType: z.literal('JWT'),
  IdentitySource: z.tuple([z.literal('$request.header.Authorization')]),
  JwtConfiguration: z.looseObject({ Audience: anyValue, Issuer: anyValue }),
})

const audiences = z.array(z.string())

/** The routes of the HTTP API, each with its function and authorizer. */
export function readRoutes(template: Template, targets: Targets): Route[] {
  return ofType(template, 'AWS::ApiGatewayV2::Route').map((resource) => {
    const properties = parseProperties(routeProperties, resource)
    const [method = '', path] = properties.RouteKey.split(' ')
    const integration = integrationOf(template, resource, properties.Target)
    const target = targets.function(
      parseProperties(integrationProperties, integration).IntegrationUri,
    )
    if (target === undefined) throw refusal(resource, 'its integration is not a bundled function')
    return {
      method: path === undefined ? 'ANY' : method,
      path: path ?? '$default',
      functionName: target.name,
      functionLogicalId: target.logicalId,
      scopes: properties.AuthorizationScopes,
      authorizer:
        properties.AuthorizationType === 'NONE'
          ? undefined
          : readAuthorizer(template, resource, properties.AuthorizerId),
    }
  })
}

/** A target is `integrations/` joined to a reference. */
function integrationOf(template: Template, route: Resource, target: TemplateValue): Resource {
  const lookup: Lookup = (logicalId) => logicalId
  const logicalId = String(resolve(target, lookup)).replace(/^integrations\//, '')
  const integration = template.resources.get(logicalId)
  if (integration === undefined) throw refusal(route, `its target ${logicalId} is unknown`)
  return integration
}

function readAuthorizer(
  template: Template,
  route: Resource,
  authorizerId: TemplateValue | undefined,
): Authorizer {
  const resource = template.resources.get(reference(authorizerId)?.logicalId ?? '')
  if (resource === undefined) throw refusal(route, 'its authorizer is unknown')
  const { JwtConfiguration } = parseProperties(authorizerProperties, resource)
  const lookup: Lookup = (name) => template.parameterDefaults.get(name)
  return {
    issuer: String(resolve(JwtConfiguration.Issuer, lookup)),
    audiences: audiences.parse(resolve(JwtConfiguration.Audience, lookup)),
  }
}
