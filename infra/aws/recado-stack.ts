import { CfnOutput, NestedStack, Stack } from 'aws-cdk-lib'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { Alarms } from '#infra/aws/alarms.ts'
import { Api } from '#infra/aws/api.ts'
import { businessBus } from '#infra/aws/business-bus.ts'
import { dashboard } from '#infra/aws/dashboard.ts'
import { Database } from '#infra/aws/database.ts'
import { eventBus } from '#infra/aws/event-bus.ts'
import { Functions } from '#infra/aws/functions.ts'
import { KeysAndSecrets } from '#infra/aws/keys-and-secrets.ts'
import { Mail } from '#infra/aws/mail.ts'
import { runMigrations } from '#infra/aws/migration.ts'
import { workQueues } from '#infra/aws/queues.ts'
import { Schedules } from '#infra/aws/schedules.ts'
import { type Settings, sendsMail } from '#infra/aws/settings.ts'
import { auditBucket, chunkBucket, ledgerBucket, mediaBucket } from '#infra/aws/storage.ts'

export interface RecadoStackProps {
  readonly settings: Settings
  /** Holds `<functionName>/index.mjs` for every function of the topology. */
  readonly codeDirectory: string
}

/** All of Recado in one account and region. */
export class RecadoStack extends Stack {
  constructor(scope: Construct, id: string, { settings, codeDirectory }: RecadoStackProps) {
    super(scope, id, {
      description: 'Recado: one thread per person over WhatsApp and e-mail',
      terminationProtection: true,
    })
    const keys = new KeysAndSecrets(this, 'Keys')
    const database = new Database(this, 'Database', { ...keys, maxAcu: settings.maxAcu })
    const chunks = chunkBucket(this, keys.storageKey)
    const media = mediaBucket(this, keys.storageKey)
    const audit = auditBucket(this, settings.auditLockYears)
    const ledger = ledgerBucket(this, keys.storageKey)
    const bus = settings.eventBus === 'on' ? eventBus(this) : undefined
    const queues = workQueues(this, keys.mailKey)
    businessBus(this, queues.BUSINESS_BUS)
    const mail = sendsMail(settings)
      ? new Mail(this, 'Mail', { settings, mailKey: keys.mailKey, queues })
      : undefined
    const resources = { keys, database, chunks, media, audit, ledger, mail, bus, queues }
    const functions = new Functions(this, 'Functions', { resources, settings, codeDirectory })
    runMigrations(this, { database, functions, keys })
    const api = new Api(this, 'Api', { functions, settings })
    const schedules = new Schedules(this, 'Schedules', functions)
    // CloudFormation takes 500 resources a stack, and every queue and function has alarms.
    const watching = new NestedStack(this, 'Watching', { description: 'Recado: what watches it' })
    const alarms = new Alarms(watching, 'Alarms', {
      storageKey: keys.storageKey,
      email: settings.alarmEmail,
    })
    const parts = { alarms, api, database, functions, queues: Object.values(queues), schedules }
    this.#observe({ mail, ...parts })
    this.#say({ keys, mail, audit, ledger, ...parts })
  }

  #observe(parts: Parameters<typeof dashboard>[1] & { mail: Mail | undefined }): void {
    const { alarms, api, functions, queues, schedules } = parts
    for (const queue of queues) alarms.watchQueue(queue)
    alarms.watchFunctions(functions)
    alarms.watchSchedules(functions, schedules)
    alarms.watchApi(api)
    alarms.watchProduct()
    if (parts.mail) alarms.watchReputation()
    dashboard(Stack.of(alarms), parts)
  }

  #say(parts: {
    keys: KeysAndSecrets
    database: Database
    api: Api
    alarms: Alarms
    mail: Mail | undefined
    audit: Bucket
    ledger: Bucket
  }): void {
    const { keys, database, api, alarms, mail, audit, ledger } = parts
    const outputs = {
      ApiUrl: api.url,
      WhatsappWebhookUrl: `${api.url}/webhooks/whatsapp`,
      DatabaseClusterArn: database.cluster.clusterArn,
      DatabaseName: database.databaseName,
      DataKeyArn: keys.dataKey.keyArn,
      OwnerSecretArn: keys.ownerSecret.secretArn,
      FunctionsSecretArn: keys.functionsSecret.secretArn,
      MetaSecretArn: keys.metaSecret.secretArn,
      AuditBucketName: audit.bucketName,
      AlarmTopicArn: alarms.topic.topicArn,
      LedgerBucketName: ledger.bucketName,
      ...mail?.dnsRecords,
    }
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }
}
