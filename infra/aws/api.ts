import { RemovalPolicy, Validations } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  HttpApi,
  HttpMethod,
  type HttpRoute,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import * as logs from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Functions } from '#infra/aws/functions.ts'
import type { Settings } from '#infra/aws/settings.ts'
import { type FunctionName, routes } from '#infra/topology.ts'
import type { Route } from '#infra/topology-shapes.ts'

/** No path and no query: both may name people; the route key and the ids in our own logs do. */
const accessLogFields = {
  requestId: '$context.requestId',
  routeKey: '$context.routeKey',
  status: '$context.status',
  clientId: '$context.authorizer.claims.client_id',
  sourceIp: '$context.identity.sourceIp',
  responseLength: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  error: '$context.error.message',
  authorizerError: '$context.authorizer.error',
  integrationError: '$context.integrationErrorMessage',
}

/** The HTTP API: every route of the topology, a JWT with the route's scope where it has one. */
export class Api extends Construct {
  readonly api: HttpApi
  /** Without a slash at its end. */
  readonly url: string
  readonly #functions: Functions
  readonly #authorizer: HttpJwtAuthorizer
  /** One a function, not one a route: a stack has 500 resources at most. */
  readonly #integrations = new Map<FunctionName, HttpLambdaIntegration>()

  constructor(scope: Construct, id: string, props: { functions: Functions; settings: Settings }) {
    super(scope, id)
    this.#functions = props.functions
    this.#authorizer = new HttpJwtAuthorizer('Jwt', props.settings.issuer, {
      jwtAudience: props.settings.audience,
    })
    this.api = new HttpApi(this, 'HttpApi', {
      apiName: 'recado',
      description: 'Recado: chats, messages and provider webhooks',
      createDefaultStage: false,
    })
    for (const route of routes) this.#addRoute(route)
    this.url = this.api.apiEndpoint
    this.#addStage()
  }

  #addRoute(route: Route): void {
    const [added] = this.api.addRoutes({
      path: route.path,
      methods: [HttpMethod[route.method]],
      integration: this.#integration(route.function),
      ...(route.scope === undefined
        ? {}
        : {
            authorizer: this.#authorizer,
            authorizationScopes: [...new Set([route.scope, 'admin'])],
          }),
    })
    if (route.openBecause !== undefined && added) acknowledgeOpenRoute(added, route.openBecause)
  }

  #integration(name: FunctionName): HttpLambdaIntegration {
    const known = this.#integrations.get(name)
    if (known !== undefined) return known
    const made = new HttpLambdaIntegration(`${name}-integration`, this.#functions.byName[name], {
      scopePermissionToRoute: false,
    })
    this.#integrations.set(name, made)
    return made
  }

  #addStage(): void {
    const accessLogs = new logs.LogGroup(this, 'AccessLogs', {
      logGroupName: '/recado/access',
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      // The outer shield, for all callers together; limits per client are kept in the database.
      throttle: { rateLimit: 1000, burstLimit: 2000 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogs),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    })
  }
}

function acknowledgeOpenRoute(route: HttpRoute, reason: string): void {
  Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason })
}
