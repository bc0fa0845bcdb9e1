import * as z from 'zod'
import { AwsError, type AwsJsonService, members, startAwsJson } from './aws-json.ts'
import {
  addVersion,
  findSecret,
  liveSecret,
  now,
  openSecretStore,
  refuseDeleted,
  type Secret,
  type SecretStore,
  type SecretStoreOptions,
  staged,
  stagesOf,
} from './secret-store.ts'

export interface SecretsManagerOptions extends SecretStoreOptions {
  /** 0 takes a free one. */
  readonly port: number
}

type SecretsManagerFaultKind = 'throttling' | 'internal' | 'decryption' | 'access-denied'

export interface SecretsManager extends AwsJsonService<SecretsManagerFaultKind> {
  /** Creates a secret or gives it a new current value (none when it is the same); answers its ARN. */
  put(name: string, secretString: string): string
  /** Current text of a secret, by name or ARN. @throws when there is none. */
  read(secretId: string): string
}

const tags = z.array(z.object({ Key: z.string(), Value: z.string() }))
const secretId = z.string().min(1).max(2048)
const valueMembers = {
  SecretString: z.string().max(65_536).optional(),
  SecretBinary: z.base64().optional(),
  ClientRequestToken: z.string().min(32).max(64).optional(),
}
const createInput = z.object({
  Name: z.string().regex(/^[A-Za-z0-9/_+=.@!-]{1,512}$/),
  Description: z.string().optional(),
  KmsKeyId: z.string().optional(),
  Tags: tags.optional(),
  ...valueMembers,
})
const putInput = z.object({
  SecretId: secretId,
  VersionStages: z.array(z.string().min(1)).min(1).optional(),
  ...valueMembers,
})
const getInput = z.object({
  SecretId: secretId,
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
})
const describeInput = z.object({ SecretId: secretId })
const deleteInput = z.object({
  SecretId: secretId,
  ForceDeleteWithoutRecovery: z.boolean().optional(),
})
const listInput = z.object({
  MaxResults: z.int().min(1).max(100).default(100),
  NextToken: z.string().regex(/^\d+$/).optional(),
  Filters: z.array(z.object({ Key: z.string(), Values: z.array(z.string()) })).default([]),
})

/**
 * A Secrets Manager for one machine: secrets, versions and their stages, found by name, ARN or ARN
 * without its suffix. Speaks what `@aws-sdk/client-secrets-manager` speaks; requests are not
 * authenticated. Steered over HTTP under `/_secrets-manager/`.
 */
export async function startSecretsManager(options: SecretsManagerOptions): Promise<SecretsManager> {
  const store = openSecretStore(options)
  const actions = actionsOf(store)
  const service = await startAwsJson<SecretsManagerFaultKind>({
    port: options.port,
    targetPrefix: 'secretsmanager',
    steeringPath: '/_secrets-manager',
    actions,
    faults: {
      throttling: () => new AwsError('ThrottlingException', 'Rate exceeded'),
      internal: () =>
        new AwsError('InternalServiceError', 'An error occurred on the server side.', 500),
      decryption: () =>
        new AwsError('DecryptionFailure', "Secrets Manager can't decrypt the protected secret."),
      'access-denied': () =>
        new AwsError('AccessDeniedException', 'Access to the secret is not allowed'),
    },
  })
  return {
    ...service,
    put(name, secretString) {
      const known = store.secrets.find((each) => each.name === name)
      if (known === undefined)
        return actions.CreateSecret({ Name: name, SecretString: secretString }).ARN
      if (staged(known, 'AWSCURRENT')?.secretString !== secretString) {
        actions.PutSecretValue({ SecretId: known.arn, SecretString: secretString })
      }
      return known.arn
    },
    read: (secretId) => actions.GetSecretValue({ SecretId: secretId }).SecretString ?? '',
  }
}

function actionsOf(store: SecretStore) {
  return {
    CreateSecret: (input: unknown) => createSecret(store, members(createInput, input)),
    PutSecretValue: (input: unknown) => putSecretValue(store, members(putInput, input)),
    GetSecretValue: (input: unknown) => getSecretValue(store, members(getInput, input)),
    DescribeSecret(input: unknown) {
      const found = findSecret(store, members(describeInput, input).SecretId)
      return { ...entryOf(found), VersionIdsToStages: stagesOf(found) }
    },
    ListSecrets: (input: unknown) => listSecrets(store, members(listInput, input)),
    DeleteSecret(input: unknown) {
      const request = members(deleteInput, input)
      const found = findSecret(store, request.SecretId)
      if (request.ForceDeleteWithoutRecovery) store.secrets.splice(store.secrets.indexOf(found), 1)
      found.deletedAt = now()
      store.save()
      return { ARN: found.arn, Name: found.name, DeletionDate: found.deletedAt }
    },
    RestoreSecret(input: unknown) {
      const found = findSecret(store, members(describeInput, input).SecretId)
      delete found.deletedAt
      store.save()
      return { ARN: found.arn, Name: found.name }
    },
  }
}

function createSecret(store: SecretStore, request: z.infer<typeof createInput>) {
  const taken = store.secrets.find(({ name }) => name === request.Name)
  if (taken !== undefined) {
    refuseDeleted(taken, 'create this secret')
    throw new AwsError(
      'ResourceExistsException',
      `The operation failed because the secret ${request.Name} already exists.`,
    )
  }
  const created: Secret = {
    arn: store.newArn(request.Name),
    name: request.Name,
    description: request.Description,
    kmsKeyId: request.KmsKeyId,
    tags: request.Tags ?? [],
    createdAt: now(),
    changedAt: now(),
    versions: [],
  }
  const hasValue = request.SecretString !== undefined || request.SecretBinary !== undefined
  const added = hasValue ? addVersion(created, request, ['AWSCURRENT']) : undefined
  store.secrets.push(created)
  store.save()
  return { ARN: created.arn, Name: created.name, VersionId: added?.versionId }
}

function putSecretValue(store: SecretStore, request: z.infer<typeof putInput>) {
  const found = liveSecret(store, request.SecretId)
  const added = addVersion(found, request, request.VersionStages ?? ['AWSCURRENT'])
  found.changedAt = now()
  store.save()
  return {
    ARN: found.arn,
    Name: found.name,
    VersionId: added.versionId,
    VersionStages: added.stages,
  }
}

function getSecretValue(store: SecretStore, request: z.infer<typeof getInput>) {
  const found = liveSecret(store, request.SecretId)
  const version = versionOf(found, request)
  return {
    ARN: found.arn,
    Name: found.name,
    VersionId: version.versionId,
    SecretString: version.secretString,
    SecretBinary: version.secretBinary,
    VersionStages: version.stages,
    CreatedDate: version.createdAt,
  }
}

function versionOf(found: Secret, request: z.infer<typeof getInput>): Secret['versions'][number] {
  const stage = request.VersionStage ?? (request.VersionId ? undefined : 'AWSCURRENT')
  const version = found.versions.find(
    ({ versionId, stages }) =>
      versionId === (request.VersionId ?? versionId) &&
      (stage === undefined || stages.includes(stage)),
  )
  if (version !== undefined) return version
  const missing = request.VersionId ? `VersionId: ${request.VersionId}` : `staging label: ${stage}`
  throw new AwsError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${missing}`,
  )
}

function listSecrets(store: SecretStore, request: z.infer<typeof listInput>) {
  const wanted = store.secrets.filter(
    (each) =>
      each.deletedAt === undefined &&
      request.Filters.every(
        ({ Key, Values }) => Key === 'name' && Values.some((start) => each.name.startsWith(start)),
      ),
  )
  const start = Number(request.NextToken ?? 0)
  const end = start + request.MaxResults
  return {
    SecretList: wanted.slice(start, end).map((each) => ({
      ...entryOf(each),
      SecretVersionsToStages: stagesOf(each),
    })),
    NextToken: end < wanted.length ? String(end) : undefined,
  }
}

function entryOf(of: Secret) {
  return {
    ARN: of.arn,
    Name: of.name,
    Description: of.description,
    KmsKeyId: of.kmsKeyId,
    CreatedDate: of.createdAt,
    LastChangedDate: of.changedAt,
    DeletedDate: of.deletedAt,
    Tags: of.tags,
  }
}
