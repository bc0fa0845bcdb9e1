import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SQSClient } from '@aws-sdk/client-sqs'
import pg from 'pg'
import { startAws } from '#infra/local/aws.ts'
import { Closing } from '#infra/local/closing.ts'
import type { ComputePlan } from '#infra/local/compute-plan.ts'
import {
  type Infrastructure,
  migrateAndSeed,
  startInfrastructure,
} from '#infra/local/infrastructure.ts'
import { startPool } from '#infra/local/lambdas.ts'
import type { Postgres } from '#infra/local/postgres.ts'
import { place, sqsClient } from '#infra/local/resources.ts'
import { readReplacements } from '#infra/local/settings.ts'
import { readyLine } from '#infra/local/stack.ts'
import type { Canaries } from '#test/support/canaries.ts'
import { leaveWindowToProvider } from '#test/support/stack.ts'
import { secretsOf } from '#test/support/stack-secrets.ts'
import type { Luck } from '../simulation/luck.ts'
import { installAudit } from './audit.ts'
import { type Campaign, timeScale } from './campaign.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { startQueueRoad } from './queue-road.ts'
import type { Targets } from './storms.ts'
import { openTranscript, type Transcript } from './transcript.ts'
import { startWebhookRoad } from './webhook-road.ts'

/** The whole product on one machine, its compute in processes of their own. */
export interface World extends Targets {
  /** As the schema's owner. */
  readonly owner: pg.Pool
  /** Past the faults. */
  readonly sqs: SQSClient
  /** By the queue's name, dead-letter queues too. */
  readonly queueUrls: ReadonlyMap<string, string>
  /** Of two tenants. */
  readonly tokens: readonly string[]
  readonly s3Url: string
  /** What compute and database wrote, and what was put on queues. */
  readonly logs: Transcript
  readonly batches: Transcript
  /** Nobody but their holders may know them. */
  readonly secrets: Canaries
}

/** Small processes: there are several, on few cores, and their lives are short. */
const limits = { maxEnvironments: 14, maxEnvironmentsPerFunction: 2, maxBatches: 2 }

/** What a webhook meets: gateways that are gone for a moment. Meta tries for days. */
const webhookSettings = {
  maxUpdatesPerPost: 20,
  lingerMs: 20,
  firstRetryMs: 300,
  maxRetryMs: 3000,
  maxAttempts: 100,
}

/** Starts everything; what was started is added to `closing`. */
export async function startWorld(
  campaign: Campaign,
  luck: Luck,
  { directory, closing }: { directory: string; closing: Closing },
): Promise<World> {
  const aws = await startAws(0, place.region)
  closing.add(() => aws.close())
  const logs = openTranscript(join(directory, 'logs.txt'))
  const batches = openTranscript(join(directory, 'batches.txt'))
  const queues = await startQueueRoad(aws.url, {
    luck: luck.fork('queues'),
    onBatch: batches.write,
  })
  closing.add(() => queues.close())
  let webhookUrl: string | undefined
  const infrastructure = await startInfrastructure(
    {
      port: 0,
      directory,
      replacements: readReplacements({
        AWS_ENDPOINT_URL_SQS: queues.url,
        TIME_SCALE: String(timeScale),
        LOG_LEVEL: 'DEBUG',
      }),
      webhookUrl: () => webhookUrl,
      onDatabaseLog: logs.write,
    },
    closing,
  )
  await migrate(infrastructure)
  const owner = new pg.Pool({ connectionString: infrastructure.database.url, max: 4 })
  // A restart of the server ends idle sessions; the pool has dropped them already.
  owner.on('error', () => undefined)
  closing.add(() => owner.end())
  await leaveWindowToProvider(owner)
  await installAudit(owner)
  const fleet = await fleetOf(infrastructure.plan, {
    campaign,
    directory,
    luck,
    onLine: logs.write,
  })
  closing.add(() => fleet.stop())
  const webhooks = await startWebhookRoad(fleet.gateway, luck.fork('webhooks'))
  closing.add(() => webhooks.close())
  webhookUrl = webhooks.url
  await fleet.ready()
  const sqs = sqsClient(aws.url)
  closing.add(async () => sqs.destroy())
  const ready = await readyLine(fleet.gateway(), infrastructure)
  const { phones, dataApi, server } = embedded(infrastructure)
  phones.configure({ webhooks: webhookSettings })
  return {
    ...{ fleet, phones, dataApi, queues, webhooks, owner, sqs },
    queueUrls: queueUrlsOf(infrastructure.plan),
    tokens: [ready.token, ready.otherTenantToken],
    s3Url: infrastructure.parts.endpoints.s3,
    ...{ logs, batches },
    secrets: secretsOf(ready, infrastructure.database),
    restartDatabase: async (how) => {
      if (how === 'kill') await server.kill()
      await server.restart()
    },
  }
}

/** By the deployment's own function, in a pool that goes again. */
async function migrate(infrastructure: Infrastructure): Promise<void> {
  const closing = new Closing()
  const pool = startPool({ plan: infrastructure.plan, log: () => undefined }, closing)
  try {
    await migrateAndSeed(infrastructure, pool.invoke)
  } finally {
    await closing.close()
  }
}

async function fleetOf(
  plan: ComputePlan,
  {
    campaign,
    directory,
    luck,
    onLine,
  }: {
    campaign: Campaign
    directory: string
    luck: Luck
    onLine: (line: string) => void
  },
): Promise<Fleet> {
  const planFile = join(directory, 'plan.json')
  await writeFile(planFile, JSON.stringify({ ...plan, limits }))
  return startFleet({
    size: campaign.processes,
    planFile,
    luck: luck.fork('fleet'),
    onLine,
  })
}

function embedded({ parts, dataApi, database }: Infrastructure): {
  phones: NonNullable<Infrastructure['parts']['whatsapp']>
  dataApi: NonNullable<Infrastructure['dataApi']>
  server: Postgres
} {
  const { whatsapp } = parts
  if (whatsapp === undefined || dataApi === undefined || database.server === undefined) {
    throw new Error('the faults need the embedded parts')
  }
  return { phones: whatsapp, dataApi, server: database.server }
}

/** Each queue with a consumer, by its name. */
function queueUrlsOf({ sources }: ComputePlan): ReadonlyMap<string, string> {
  return new Map(sources.map(({ queueName, queue }) => [queueName, queue.url]))
}
