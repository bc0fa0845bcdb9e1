import { Closing } from './closing.ts'
import type { DataApi } from './data-api/server.ts'
import type { LocalDatabase } from './database.ts'
import { appSecret, demoTenant, otherTenant, verifyToken } from './demo-tenants.ts'
import { type Infrastructure, migrateAndSeed, startInfrastructure } from './infrastructure.ts'
import type { LogLine } from './lambda/invocation.ts'
import type { LambdaPool } from './lambda/pool.ts'
import { startPool, startTriggers, type Triggers } from './lambdas.ts'
import type { Parts } from './parts.ts'
import { portBlock } from './ports.ts'
import { sqsClient } from './resources.ts'
import type { LocalSettings } from './settings.ts'

/** What a script needs to talk to the stack: the contract of the `ready` line. */
export interface Ready {
  readonly api: string
  readonly whatsapp: string
  readonly mail: string
  readonly issuer: string
  /** JWTs with every scope, of the demo tenant and of a second one; for a day. */
  readonly token: string
  readonly otherTenantToken: string
  readonly appSecret: string
  readonly verifyToken: string
  readonly phoneNumberId: string
  readonly wabaId: string
  /** libpq URL. */
  readonly database: string
}

export interface LocalStack {
  readonly ready: Ready
  /** The parts, for tests: faults, counters, ledgers. */
  readonly parts: Parts
  readonly database: LocalDatabase
  /** Undefined when another Data API is used. */
  readonly dataApi: DataApi | undefined
  readonly pool: LambdaPool
  readonly triggers: Triggers
  /** Stops everything; leaves no process, and no folder unless it was asked for. */
  stop(): Promise<void>
}

const tokenSeconds = 86_400

export interface StackOptions extends LocalSettings {
  readonly log?: (line: LogLine) => void
  /** Breaks off a start that is under way. */
  readonly signal?: AbortSignal
}

/**
 * Boots all of Recado on 127.0.0.1: the functions, routes, queues and schedules of the
 * synthesised stack, on embedded parts. Throws StartRefused for what the settings got wrong.
 */
export async function startStack(options: StackOptions): Promise<LocalStack> {
  const closing = new Closing()
  try {
    return await boot(options, closing)
  } catch (error) {
    await closing.close()
    throw error
  }
}

async function boot(options: StackOptions, closing: Closing): Promise<LocalStack> {
  let apiUrl: string | undefined
  const webhookUrl = () => apiUrl && `${apiUrl}/webhooks/whatsapp`
  const infrastructure = await startInfrastructure({ ...options, webhookUrl }, closing)
  const { parts, database, dataApi, plan } = infrastructure
  const lambdas = { plan, log: options.log ?? (() => undefined) }
  const pool = startPool(lambdas, closing)
  await migrateAndSeed(infrastructure, pool.invoke)
  const client = sqsClient(plan.sqsUrl)
  closing.add(async () => client.destroy())
  const { api: port } = portBlock(options.port)
  const triggers = await startTriggers({ ...lambdas, pool, client, port }, closing)
  apiUrl = triggers.gateway.url
  listTemplates(triggers)
  const ready = await readyLine(apiUrl, infrastructure)
  return { ready, parts, database, dataApi, pool, triggers, stop: () => closing.close() }
}

/** So that Meta's templates are known shortly after `ready`, not in an hour; nobody waits for it. */
function listTemplates({ clock }: Triggers): void {
  // What fails or is cut by a stop is told in the function's log, and the schedule comes again.
  clock.runNow('recado-template-syncs-each-hour').catch(() => undefined)
}

/** The ready line of a stack whose API answers at this address. */
export async function readyLine(
  api: string,
  { parts, database }: Pick<Infrastructure, 'parts' | 'database'>,
): Promise<Ready> {
  const lifetime = { expiresInSeconds: tokenSeconds }
  return {
    api,
    whatsapp: parts.endpoints.graph,
    mail: parts.endpoints.ses,
    issuer: parts.issuer.url,
    token: await parts.issuer.token(demoTenant.clientId, lifetime),
    otherTenantToken: await parts.issuer.token(otherTenant.clientId, lifetime),
    appSecret,
    verifyToken,
    phoneNumberId: demoTenant.sender.phoneNumberId,
    wabaId: demoTenant.sender.wabaId,
    database: database.url,
  }
}
