import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { RDSDataClient } from '@aws-sdk/client-rds-data'
import { senderSecretPrefix } from '#infra/topology.ts'
import { buildAssembly } from './assembly/build.ts'
import { resolveEnvironment } from './assembly/intrinsics.ts'
import type { Assembly } from './assembly/types.ts'
import { Closing } from './closing.ts'
import { type DataApi, startDataApi } from './data-api/server.ts'
import { type LocalDatabase, openDatabase } from './database.ts'
import {
  appSecret,
  audience,
  demoTenant,
  demoTenants,
  otherTenant,
  verifyToken,
} from './demo-tenants.ts'
import type { LogLine } from './lambda/invocation.ts'
import type { LambdaPool } from './lambda/pool.ts'
import { type LambdasOptions, startPool, startTriggers, type Triggers } from './lambdas.ts'
import { type Parts, startParts } from './parts.ts'
import { portBlock } from './ports.ts'
import {
  createBuckets,
  createQueues,
  place,
  resourceLookup,
  s3Client,
  sqsClient,
} from './resources.ts'
import { seedTenants } from './seed.ts'
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
  const directory = await workFolder(options.directory, closing)
  const ports = portBlock(options.port)
  let apiUrl: string | undefined
  const parts = await startParts(
    {
      ports,
      directory: options.directory && directory,
      replacements: options.replacements,
      webhookUrl: () => apiUrl && `${apiUrl}/webhooks/whatsapp`,
    },
    closing,
  )
  const opening = [
    openOwnDatabase(options, directory, closing),
    buildAssembly(
      join(directory, 'assembly'),
      {
        issuer: parts.issuer.url,
        audience,
        graphUrl: parts.endpoints.graph,
        timeScale: String(options.replacements.TIME_SCALE),
      },
      options.signal,
    ),
  ] as const
  // A build that goes on after a failure would write into the folder that is being removed.
  await Promise.allSettled(opening)
  const [database, assembly] = await Promise.all(opening)
  const dataApi = await openDataApi({ options, database, parts }, closing)
  const lambdas = await resourcesOf({ options, assembly, parts, database, dataApi }, closing)
  const pool = startPool(lambdas, closing)
  await migrateAndSeed({ pool, lambdas, parts, database })
  const { TIME_SCALE: timeScale } = options.replacements
  const triggers = await startTriggers({ ...lambdas, pool, port: ports.api, timeScale }, closing)
  apiUrl = triggers.gateway.url
  const ready = await readyLine({ api: apiUrl, parts, database })
  return { ready, parts, database, dataApi, pool, triggers, stop: () => closing.close() }
}

async function openOwnDatabase(
  options: StackOptions,
  directory: string,
  closing: Closing,
): Promise<LocalDatabase> {
  const database = await openDatabase({
    directory,
    port: portBlock(options.port).postgres,
    durable: options.directory !== undefined,
    url: options.replacements.DATABASE_URL,
  })
  closing.add(() => database.stop())
  return database
}

interface Standing {
  readonly options: StackOptions
  readonly parts: Parts
  readonly database: LocalDatabase
}

/** Queues, buckets and secrets of the template, and what its functions need to run. */
async function resourcesOf(
  standing: Standing & { readonly assembly: Assembly; readonly dataApi: DataApi | undefined },
  closing: Closing,
): Promise<LambdasOptions> {
  const { assembly, parts, database, options } = standing
  const client = sqsClient(parts.endpoints.sqs)
  closing.add(async () => client.destroy())
  const queues = await createQueues(client, parts.endpoints.sqs, assembly)
  const buckets = await createBuckets(s3Client(parts.endpoints.s3), assembly)
  for (const { sender } of demoTenants) {
    const secret = JSON.stringify({ accessToken: sender.accessToken })
    parts.secrets.put(`${senderSecretPrefix}${sender.secretName}`, secret)
  }
  const { kms, secrets } = parts
  const secretStrings = (name: string) => secretString(name, database)
  return {
    assembly,
    queues,
    client,
    lookup: resourceLookup({ assembly, queues, buckets, kms, secrets, secretStrings }),
    environment: variablesOf(standing),
    log: options.log ?? (() => undefined),
  }
}

/** Where the SDK clients find what stands for AWS, and which database is used. */
function variablesOf({
  options,
  parts,
  database,
  dataApi,
}: Standing & { readonly dataApi: DataApi | undefined }): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_SQS: parts.endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: parts.endpoints.sns,
    AWS_ENDPOINT_URL_S3: parts.endpoints.s3,
    AWS_ENDPOINT_URL_SES: parts.endpoints.ses,
    AWS_ENDPOINT_URL_KMS: parts.kms.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: parts.secrets.url,
    AWS_ENDPOINT_URL_RDS_DATA: dataApiUrl(options, dataApi),
    DATABASE_NAME: database.name,
    POWERTOOLS_LOG_LEVEL: options.replacements.LOG_LEVEL,
  }
}

function dataApiUrl({ replacements }: StackOptions, dataApi: DataApi | undefined): string {
  return replacements.AWS_ENDPOINT_URL_RDS_DATA ?? dataApi?.url ?? ''
}

async function openDataApi(
  { options, database, parts }: Standing,
  closing: Closing,
): Promise<DataApi | undefined> {
  if (options.replacements.AWS_ENDPOINT_URL_RDS_DATA !== undefined) return undefined
  const roles = [database.owner, database.functions]
  const dataApi = await startDataApi({
    port: portBlock(options.port).dataApi,
    postgres: { host: database.host, port: database.port },
    credentials: async (secretArn) => {
      const { username } = JSON.parse(parts.secrets.read(secretArn)) as { username: string }
      const role = roles.find(({ user }) => user === username)
      if (role === undefined) throw new Error(`no role ${username}`)
      return role
    },
  })
  closing.add(() => dataApi.close())
  return dataApi
}

async function workFolder(directory: string | undefined, closing: Closing): Promise<string> {
  if (directory !== undefined) {
    await mkdir(directory, { recursive: true })
    return resolve(directory)
  }
  const made = await mkdtemp(join(tmpdir(), 'recado-'))
  // PostgreSQL runs as another user when this process is root, and must pass through.
  await chmod(made, 0o711)
  closing.add(() => rm(made, { recursive: true, force: true }))
  return made
}

/** What stands in the secrets of the template; people fill these by hand on AWS. */
function secretString(name: string, database: LocalDatabase): string {
  const role = (user: { user: string; password: string }) =>
    JSON.stringify({ username: user.user, password: user.password })
  if (name === 'recado/owner') return role(database.owner)
  if (name === 'recado/functions') return role(database.functions)
  if (name === 'recado/meta') {
    return JSON.stringify({ appSecrets: [appSecret], verifyTokens: [verifyToken] })
  }
  throw new Error(`the local stack does not know what stands in the secret ${name}`)
}

/** Runs the deployment's own migration function, then adds the demo tenants. */
async function migrateAndSeed({
  pool,
  lambdas,
  parts,
  database,
}: {
  pool: LambdaPool
  lambdas: LambdasOptions
  parts: Parts
  database: LocalDatabase
}): Promise<void> {
  const migrated = await pool.invoke('migrate', {})
  if (migrated.outcome === 'failed') {
    throw new Error(`the migrations failed: ${migrated.error.errorMessage}`)
  }
  const migrate = lambdas.assembly.functions.find(({ name }) => name === 'migrate')
  const variables = resolveEnvironment(migrate?.environment ?? {}, lambdas.lookup)
  const client = new RDSDataClient({
    ...place,
    endpoint: lambdas.environment.AWS_ENDPOINT_URL_RDS_DATA ?? '',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  await seedTenants({
    client,
    settings: {
      clusterArn: variables.DATABASE_CLUSTER_ARN ?? '',
      secretArn: variables.DATABASE_SECRET_ARN ?? '',
      database: database.name,
    },
    kms: { url: parts.kms.url, keyArn: parts.kms.keyArn },
    issuer: parts.issuer.url,
  })
  client.destroy()
}

async function readyLine({
  api,
  parts,
  database,
}: {
  api: string
  parts: Parts
  database: LocalDatabase
}): Promise<Ready> {
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
