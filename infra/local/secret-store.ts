import { randomInt, randomUUID } from 'node:crypto'
import * as z from 'zod'
import { AwsError } from './aws-json.ts'
import { loadJsonFile, saveJsonFile } from './json-file.ts'

export interface SecretStoreOptions {
  /** Keeps the secrets, in clear, over restarts. */
  readonly file?: string
  readonly region?: string
  readonly accountId?: string
}

const version = z.object({
  versionId: z.string(),
  createdAt: z.number(),
  stages: z.array(z.string()),
  secretString: z.string().optional(),
  /** Base64. */
  secretBinary: z.string().optional(),
})
type Version = z.infer<typeof version>

const tags = z.array(z.object({ Key: z.string(), Value: z.string() }))
const secret = z.object({
  arn: z.string(),
  name: z.string(),
  description: z.string().optional(),
  kmsKeyId: z.string().optional(),
  tags: tags.default([]),
  /** Seconds since 1970, as the protocol carries times. */
  createdAt: z.number(),
  changedAt: z.number(),
  deletedAt: z.number().optional(),
  versions: z.array(version),
})
export type Secret = z.infer<typeof secret>
const fileShape = z.object({ secrets: z.array(secret) })

/** What a version is made of, as the protocol carries it. */
export interface SecretValue {
  readonly SecretString?: string | undefined
  /** Base64. */
  readonly SecretBinary?: string | undefined
  /** Id of the new version. */
  readonly ClientRequestToken?: string | undefined
}

export interface SecretStore {
  readonly secrets: Secret[]
  save(): void
  newArn(name: string): string
}

export function openSecretStore(options: SecretStoreOptions): SecretStore {
  const stored = loadJsonFile(options.file)
  const secrets = stored === undefined ? [] : fileShape.parse(stored).secrets
  const { region = 'sa-east-1', accountId = '000000000000' } = options
  return {
    secrets,
    save: () => saveJsonFile(options.file, { secrets }),
    newArn: (name) => `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${suffix()}`,
  }
}

const suffixAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

function suffix(): string {
  return Array.from({ length: 6 }, () => suffixAlphabet[randomInt(suffixAlphabet.length)]).join('')
}

/** A repeated token with the same value is the same call; with another value it is refused. */
export function addVersion(into: Secret, value: SecretValue, stages: readonly string[]): Version {
  if ((value.SecretString === undefined) === (value.SecretBinary === undefined)) {
    throw new AwsError(
      'InvalidRequestException',
      'You must provide either SecretString or SecretBinary.',
    )
  }
  const known = into.versions.find(({ versionId }) => versionId === value.ClientRequestToken)
  if (known !== undefined) {
    const same =
      known.secretString === value.SecretString && known.secretBinary === value.SecretBinary
    if (same) return known
    throw new AwsError(
      'ResourceExistsException',
      "You can't modify an existing version, you can only create a new version.",
    )
  }
  const added: Version = {
    versionId: value.ClientRequestToken ?? randomUUID(),
    createdAt: now(),
    stages: [],
    secretString: value.SecretString,
    secretBinary: value.SecretBinary,
  }
  into.versions.push(added)
  for (const stage of stages) moveStage(into, stage, added)
  return added
}

function moveStage(within: Secret, stage: string, to: Version): void {
  const from = staged(within, stage)
  if (from !== undefined) from.stages = from.stages.filter((each) => each !== stage)
  to.stages.push(stage)
  if (stage === 'AWSCURRENT' && from !== undefined) moveStage(within, 'AWSPREVIOUS', from)
}

export function stagesOf(of: Secret): Record<string, string[]> {
  const labelled = of.versions.filter(({ stages }) => stages.length > 0)
  return Object.fromEntries(labelled.map(({ versionId, stages }) => [versionId, stages]))
}

export function staged(within: Secret, stage: string): Version | undefined {
  return within.versions.find(({ stages }) => stages.includes(stage))
}

export function findSecret(store: SecretStore, id: string): Secret {
  const found = store.secrets.find(
    ({ arn, name }) => name === id || arn === id || arn.slice(0, -'-XXXXXX'.length) === id,
  )
  if (found !== undefined) return found
  throw new AwsError(
    'ResourceNotFoundException',
    "Secrets Manager can't find the specified secret.",
  )
}

export function liveSecret(store: SecretStore, id: string): Secret {
  const found = findSecret(store, id)
  refuseDeleted(found, 'perform this operation on the secret')
  return found
}

export function refuseDeleted(found: Secret, what: string): void {
  if (found.deletedAt === undefined) return
  throw new AwsError(
    'InvalidRequestException',
    `You can't ${what} because it was marked for deletion.`,
  )
}

export function now(): number {
  return Date.now() / 1000
}
