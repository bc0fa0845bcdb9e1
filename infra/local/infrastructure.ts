import { access, chmod, constants, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { RDSDataClient } from '@aws-sdk/client-rds-data'
import { senderSecretPrefix } from '#infra/topology.ts'
import { buildAssembly } from './assembly/build.ts'
import type { Assembly } from './assembly/types.ts'
import type { Closing } from './closing.ts'
import { type ComputePlan, planCompute } from './compute-plan.ts'
import { type DataApi, startDataApi } from './data-api/server.ts'
import { type LocalDatabase, openDatabase } from './database.ts'
import {
  appSecret,
  audience,
  demoTenants,
  mailDomain,
  replyDomain,
  verifyToken,
} from './demo-tenants.ts'
import type { Invoke } from './lambda/invocation.ts'
import { connectMail } from './mail-road.ts'
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
import { type LocalSettings, StartRefused } from './settings.ts'
import { checkBeforeStart } from './start-checks.ts'
import { createTopics } from './topics.ts'

export interface InfrastructureOptions extends LocalSettings {
  /** Where the phones send their webhooks, once that is known. */
  readonly webhookUrl: () => string | undefined
  /** Breaks off a start that is under way. */
  readonly signal?: AbortSignal
  /** What the embedded PostgreSQL writes into its log. */
  readonly onDatabaseLog?: (text: string) => void
}

/** What the functions need around them: it stands before, and goes after, any compute. */
export interface Infrastructure {
  readonly parts: Parts
  readonly database: LocalDatabase
  /** Undefined when another Data API is used. */
  readonly dataApi: DataApi | undefined
  readonly plan: ComputePlan
}

/** Starts all that stands for AWS, Meta and the identity provider, and plans the compute for it. */
export async function startInfrastructure(
  options: InfrastructureOptions,
  closing: Closing,
): Promise<Infrastructure> {
  await checkBeforeStart(options)
  const directory = await workFolder(options.directory, closing)
  const parts = await startParts(
    {
      ports: portBlock(options.port),
      directory: options.directory && directory,
      replacements: options.replacements,
      webhookUrl: options.webhookUrl,
    },
    closing,
  )
  const { database, assembly } = await openAndBuild({ options, directory, parts }, closing)
  const dataApi = await openDataApi({ options, database, parts }, closing)
  const plan = await makePlan({ options, assembly, parts, database, dataApi })
  return { parts, database, dataApi, plan }
}

/** Side by side: the one waits for a disk, the other keeps a core busy for seconds. */
async function openAndBuild(
  { options, directory, parts }: Pick<Standing, 'options' | 'parts'> & { directory: string },
  closing: Closing,
): Promise<{ database: LocalDatabase; assembly: Assembly }> {
  const failed = new AbortController()
  const context = {
    audience,
    timeScale: String(options.replacements.TIME_SCALE),
    // None is embedded: what nobody hears need not be made.
    eventBus: options.replacements.AWS_ENDPOINT_URL_EVENTBRIDGE === undefined ? 'off' : 'on',
    region: place.region,
    ...{ mailDomain, replyDomain, inboundMail: 'true' },
  }
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])])
  const opening = openOwnDatabase(options, directory, closing)
  const building = buildAssembly(join(directory, 'assembly'), {
    context,
    addresses: { issuer: parts.issuer.url, graphUrl: parts.endpoints.graph },
    codeDirectory: options.codeDirectory,
    signal,
  })
  opening.catch(() => failed.abort())
  // A build that goes on after a failure would write into the folder that is being removed.
  await Promise.allSettled([opening, building])
  const [database, assembly] = await Promise.all([opening, building])
  return { database, assembly }
}

async function openOwnDatabase(
  options: InfrastructureOptions,
  directory: string,
  closing: Closing,
): Promise<LocalDatabase> {
  const database = await openDatabase({
    directory,
    port: portBlock(options.port).postgres,
    durable: options.directory !== undefined,
    url: options.replacements.DATABASE_URL,
    onLog: options.onDatabaseLog,
  })
  closing.add(() => database.stop())
  return database
}

interface Standing {
  readonly options: InfrastructureOptions
  readonly parts: Parts
  readonly database: LocalDatabase
}

/** Makes queues, topics, buckets and secrets of the template, and resolves what its functions need. */
async function makePlan(
  standing: Standing & { readonly assembly: Assembly; readonly dataApi: DataApi | undefined },
): Promise<ComputePlan> {
  const { assembly, parts, database, options } = standing
  const client = sqsClient(parts.endpoints.sqs)
  const queues = await createQueues(client, parts.endpoints.sqs, scaled(assembly, options))
  client.destroy()
  const buckets = await createBuckets(s3Client(parts.endpoints.s3), assembly)
  const topics = await createTopics(parts.endpoints.sns, assembly, queues)
  await connectMail(parts, assembly, { buckets, topics })
  for (const { sender } of demoTenants) {
    const secret = JSON.stringify({ accessToken: sender.accessToken })
    parts.secrets.put(`${senderSecretPrefix}${sender.secretName}`, secret)
  }
  const { kms, secrets } = parts
  const secretStrings = (name: string) => secretString(name, database)
  return planCompute({
    assembly,
    queues,
    lookup: resourceLookup({ assembly, queues, topics, buckets, kms, secrets, secretStrings }),
    environment: variablesOf(standing),
    sqsUrl: parts.endpoints.sqs,
    timeScale: options.replacements.TIME_SCALE,
  })
}

/** Visibility is a wait like any other; the product's own are scaled by the same setting. */
function scaled(assembly: Assembly, { replacements }: InfrastructureOptions): Assembly {
  const queues = assembly.queues.map((queue) => ({
    ...queue,
    visibilityTimeoutSeconds: Math.ceil(queue.visibilityTimeoutSeconds * replacements.TIME_SCALE),
  }))
  return { ...assembly, queues }
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
    ...eventVariables(options),
    DATABASE_NAME: database.name,
    POWERTOOLS_LOG_LEVEL: options.replacements.LOG_LEVEL,
  }
}

/** Receivers of events are on this machine too. */
function eventVariables({ replacements }: InfrastructureOptions): Record<string, string> {
  const bus = replacements.AWS_ENDPOINT_URL_EVENTBRIDGE
  return {
    EVENT_DELIVERY_ADDRESSES: 'any',
    BILLING_ADDRESSES: 'any',
    ...(bus !== undefined && { AWS_ENDPOINT_URL_EVENTBRIDGE: bus }),
  }
}

function dataApiUrl({ replacements }: InfrastructureOptions, dataApi: DataApi | undefined): string {
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
  if (directory !== undefined) return keptFolder(resolve(directory))
  const made = await mkdtemp(join(tmpdir(), 'recado-'))
  // PostgreSQL runs as another user when this process is root, and must pass through.
  await chmod(made, 0o711)
  closing.add(() => rm(made, { recursive: true, force: true }))
  return made
}

async function keptFolder(directory: string): Promise<string> {
  try {
    await mkdir(directory, { recursive: true })
    await access(directory, constants.W_OK)
  } catch (error) {
    throw new StartRefused(`--data cannot be used: ${(error as Error).message}.`)
  }
  return directory
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
export async function migrateAndSeed(
  { parts, database, plan }: Infrastructure,
  invoke: Invoke,
): Promise<void> {
  const migrated = await invoke('migrate', {})
  if (migrated.outcome === 'failed') {
    throw new Error(`the migrations failed: ${migrated.error.errorMessage}`)
  }
  const { environment = {} } = plan.functions.find(({ name }) => name === 'migrate') ?? {}
  const client = new RDSDataClient({
    ...place,
    endpoint: environment.AWS_ENDPOINT_URL_RDS_DATA ?? '',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  await seedTenants({
    client,
    settings: {
      clusterArn: environment.DATABASE_CLUSTER_ARN ?? '',
      secretArn: environment.OWNER_SECRET_ARN ?? '',
      database: database.name,
    },
    kms: { url: parts.kms.url, keyArn: parts.kms.keyArn },
    issuer: parts.issuer.url,
  })
  client.destroy()
}
