import { join } from 'node:path'
import { startAws } from './aws.ts'
import type { Closing } from './closing.ts'
import { appSecret, audience, demoTenants, issuerClients, verifyToken } from './demo-tenants.ts'
import { type Issuer, startIssuer } from './issuer.ts'
import { type Kms, startKms } from './kms.ts'
import { type Mail, startMail } from './mail/server.ts'
import type { Ports } from './ports.ts'
import { place } from './resources.ts'
import { type SecretsManager, startSecretsManager } from './secrets-manager.ts'
import type { Replacements } from './settings.ts'
import { startWhatsApp, type WhatsAppSimulator } from './whatsapp/simulator.ts'

/** What stands for AWS, Meta and the identity provider; undefined where another one is used. */
export interface Parts {
  readonly issuer: Issuer
  readonly kms: Kms
  readonly secrets: SecretsManager
  readonly whatsapp: WhatsAppSimulator | undefined
  readonly mail: Mail | undefined
  readonly endpoints: {
    readonly sqs: string
    readonly sns: string
    readonly s3: string
    readonly ses: string
    readonly graph: string
  }
}

export interface PartsOptions {
  readonly ports: Ports
  /** Keeps keys and secrets; undefined forgets them. */
  readonly directory: string | undefined
  readonly replacements: Replacements
  /** Where Meta would send its webhooks; known once the gateway stands. */
  readonly webhookUrl: () => string | undefined
}

/** Found by its alias, as on AWS: a person need not know the id. */
const dataKey = { keyId: 'c0ffee00-0000-4000-8000-000000000001', alias: 'alias/recado-data' }

/** Starts the parts that nothing else must stand before. */
export async function startParts(options: PartsOptions, closing: Closing): Promise<Parts> {
  const { ports, replacements, directory } = options
  const [issuer, kms, secrets, whatsapp, mail, aws] = await Promise.all([
    startIssuer({
      port: ports.issuer,
      audience,
      clients: issuerClients,
      ...(directory && { keyFile: join(directory, 'issuer.json') }),
    }),
    startKms({
      ...place,
      port: ports.kms,
      keys: [dataKey],
      ...(directory && { keyFile: join(directory, 'kms.json') }),
    }),
    startSecretsManager({
      ...place,
      port: ports.secretsManager,
      ...(directory && { file: join(directory, 'secrets.json') }),
    }),
    replacements.WHATSAPP_GRAPH_URL ? undefined : startPhones(options),
    replacements.AWS_ENDPOINT_URL_SES ? undefined : startMail({ ...place, port: ports.mail }),
    startQueues(options),
  ])
  for (const part of [issuer, kms, secrets, whatsapp, mail, aws]) {
    if (part !== undefined) closing.add(() => part.close())
  }
  const endpoints = endpointsOf(replacements, {
    aws: aws?.url,
    ses: mail?.url,
    graph: whatsapp?.url,
  })
  return { issuer, kms, secrets, whatsapp, mail, endpoints }
}

function endpointsOf(
  replacements: Replacements,
  own: { aws: string | undefined; ses: string | undefined; graph: string | undefined },
): Parts['endpoints'] {
  return {
    sqs: replacements.AWS_ENDPOINT_URL_SQS ?? own.aws ?? '',
    sns: replacements.AWS_ENDPOINT_URL_SNS ?? own.aws ?? '',
    s3: replacements.AWS_ENDPOINT_URL_S3 ?? own.aws ?? '',
    ses: replacements.AWS_ENDPOINT_URL_SES ?? own.ses ?? '',
    graph: replacements.WHATSAPP_GRAPH_URL ?? own.graph ?? '',
  }
}

function startPhones({ ports, webhookUrl }: PartsOptions): Promise<WhatsAppSimulator> {
  return startWhatsApp({
    port: ports.whatsapp,
    appSecret,
    verifyToken,
    webhookUrl,
    numbers: demoTenants.map(({ sender: { secretName: _, ...number } }) => number),
    settings: { webhooks: { maxUpdatesPerPost: 50, lingerMs: 5 } },
  })
}

/** Not started when all that it stands for is replaced. */
function startQueues({ ports, replacements }: PartsOptions) {
  const replaced =
    replacements.AWS_ENDPOINT_URL_SQS &&
    replacements.AWS_ENDPOINT_URL_SNS &&
    replacements.AWS_ENDPOINT_URL_S3
  return replaced ? undefined : startAws(ports.aws, place.region)
}
