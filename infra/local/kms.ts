import { randomBytes, randomUUID } from 'node:crypto'
import * as z from 'zod'
import { AwsError, type AwsJsonService, members, startAwsJson } from './aws-json.ts'
import { loadJsonFile, saveJsonFile } from './json-file.ts'
import { open, parseBlob, seal } from './kms-ciphertext.ts'

export interface KmsOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** Keeps the master keys over restarts; without it they die with the process. */
  readonly keyFile?: string
  /** Keys that must exist; made when the file lacks them. Default: one key of the file, or a new one. */
  readonly keys?: readonly KmsKeyOptions[]
  readonly region?: string
  readonly accountId?: string
}

interface KmsKeyOptions {
  readonly keyId: string
  /** With its `alias/` prefix. */
  readonly alias?: string | undefined
}

type KmsFaultKind = 'throttling' | 'internal' | 'disabled' | 'access-denied'

export interface Kms extends AwsJsonService<KmsFaultKind> {
  /** ARN of the first key. */
  readonly keyArn: string
  /** ARN of a key by id; throws for an unknown one. */
  arnOf(keyId: string): string
  /** Disables a key, or enables it again, as an operator would. */
  setEnabled(keyId: string, enabled: boolean): void
}

const masterKey = z.object({
  keyId: z.string(),
  alias: z.string().optional(),
  material: z.base64(),
  enabled: z.boolean(),
  createdAt: z.string(),
})
type MasterKey = z.infer<typeof masterKey>
const keyFileShape = z.object({ keys: z.array(masterKey) })

const context = z.record(z.string(), z.string()).optional()
const keyIdMember = z.string().min(1).max(2048)
const describeInput = z.object({ KeyId: keyIdMember })
const encryptInput = z.object({
  KeyId: keyIdMember,
  Plaintext: z.base64(),
  EncryptionContext: context,
})
const decryptInput = z.object({
  KeyId: keyIdMember.optional(),
  CiphertextBlob: z.base64(),
  EncryptionContext: context,
})
const dataKeyInput = z.object({
  KeyId: keyIdMember,
  KeySpec: z.enum(['AES_256', 'AES_128']).optional(),
  NumberOfBytes: z.int().min(1).max(1024).optional(),
  EncryptionContext: context,
})

const maxPlaintextBytes = 4096

/**
 * A KMS for one machine: symmetric keys, AES-256-GCM, the encryption context as additional data,
 * ciphertext bound to its key. Speaks what `@aws-sdk/client-kms` speaks; requests are not
 * authenticated. Steered over HTTP under `/_kms/`.
 */
export async function startKms(options: KmsOptions): Promise<Kms> {
  const ring = openKeyRing(options)
  const service = await startAwsJson<KmsFaultKind>({
    port: options.port,
    targetPrefix: 'TrentService',
    steeringPath: '/_kms',
    faults: {
      throttling: () =>
        new AwsError(
          'ThrottlingException',
          'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
        ),
      internal: () => new AwsError('KMSInternalException', 'An internal error occurred', 500),
      disabled: () => disabled(ring.arnOf(ring.first)),
      'access-denied': accessDenied,
    },
    actions: actionsOf(ring),
  })
  return {
    ...service,
    keyArn: ring.arnOf(ring.first),
    arnOf: (keyId) => ring.arnOf(ring.find(keyId)),
    setEnabled: (keyId, enabled) => ring.setEnabled(ring.find(keyId), enabled),
  }
}

interface KeyRing {
  readonly first: MasterKey
  /** Finds by id, ARN, alias or alias ARN; throws NotFoundException. */
  find(reference: string): MasterKey
  /** The same, for use in cryptography; throws DisabledException too. */
  use(reference: string): MasterKey
  /** The key that a ciphertext names; throws AccessDeniedException when it is not here. */
  useForBlob(keyId: string): MasterKey
  arnOf(key: MasterKey): string
  setEnabled(key: MasterKey, enabled: boolean): void
  readonly accountId: string
}

function openKeyRing(options: KmsOptions): KeyRing {
  const accountId = options.accountId ?? '000000000000'
  const arnPrefix = `arn:aws:kms:${options.region ?? 'sa-east-1'}:${accountId}:`
  const stored = loadJsonFile(options.keyFile)
  const known = stored === undefined ? [] : keyFileShape.parse(stored).keys
  const asked: readonly KmsKeyOptions[] = options.keys ?? [known[0] ?? { keyId: randomUUID() }]
  const made = asked
    .filter(({ keyId }) => !known.some((key) => key.keyId === keyId))
    .map(newMasterKey)
  const keys = [...known, ...made]
  const save = () => saveJsonFile(options.keyFile, { keys })
  save()
  const first = keys.find(({ keyId }) => keyId === asked[0]?.keyId)
  if (first === undefined) throw new Error('a KMS needs at least one key')

  const arnOf = (key: MasterKey) => `${arnPrefix}key/${key.keyId}`
  const find = (reference: string) => {
    const name = reference.startsWith(arnPrefix) ? reference.slice(arnPrefix.length) : reference
    const keyId = name.startsWith('key/') ? name.slice('key/'.length) : name
    const key = keys.find((each) => each.keyId === keyId || each.alias === name)
    if (key !== undefined) return key
    throw name.startsWith('alias/')
      ? new AwsError('NotFoundException', `Alias ${arnPrefix}${name} is not found.`)
      : new AwsError('NotFoundException', `Key '${arnPrefix}key/${keyId}' does not exist`)
  }
  const use = (reference: string) => {
    const key = find(reference)
    if (!key.enabled) throw disabled(arnOf(key))
    return key
  }
  return {
    first,
    accountId,
    find,
    use,
    useForBlob(keyId) {
      if (!keys.some((key) => key.keyId === keyId)) throw accessDenied()
      return use(keyId)
    },
    arnOf,
    setEnabled(key, enabled) {
      key.enabled = enabled
      save()
    },
  }
}

function newMasterKey(options: KmsKeyOptions): MasterKey {
  return {
    ...options,
    material: randomBytes(32).toString('base64'),
    enabled: true,
    createdAt: new Date().toISOString(),
  }
}

function actionsOf(ring: KeyRing) {
  return {
    DescribeKey(input: unknown) {
      return { KeyMetadata: describe(ring, ring.find(members(describeInput, input).KeyId)) }
    },
    Encrypt(input: unknown) {
      const request = members(encryptInput, input)
      const key = ring.use(request.KeyId)
      const plaintext = Buffer.from(request.Plaintext, 'base64')
      if (plaintext.length === 0 || plaintext.length > maxPlaintextBytes) {
        throw new AwsError('ValidationException', 'Plaintext must have 1 to 4096 bytes')
      }
      return {
        KeyId: ring.arnOf(key),
        CiphertextBlob: seal(key, plaintext, request.EncryptionContext).toString('base64'),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      }
    },
    Decrypt(input: unknown) {
      const request = members(decryptInput, input)
      const blob = parseBlob(Buffer.from(request.CiphertextBlob, 'base64'))
      const key = ring.useForBlob(blob.keyId)
      if (request.KeyId !== undefined && ring.find(request.KeyId) !== key) {
        throw new AwsError(
          'IncorrectKeyException',
          'The key ID in the request does not identify a CMK that can perform this operation.',
        )
      }
      return {
        KeyId: ring.arnOf(key),
        Plaintext: open(key, blob, request.EncryptionContext).toString('base64'),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      }
    },
    GenerateDataKey: (input: unknown) => newDataKey(ring, input),
    GenerateDataKeyWithoutPlaintext(input: unknown) {
      const { Plaintext: _, ...answer } = newDataKey(ring, input)
      return answer
    },
  }
}

function newDataKey(ring: KeyRing, input: unknown) {
  const request = members(dataKeyInput, input)
  const key = ring.use(request.KeyId)
  if ((request.KeySpec === undefined) === (request.NumberOfBytes === undefined)) {
    throw new AwsError('ValidationException', 'Please specify either number of bytes or key spec.')
  }
  const dataKey = randomBytes(request.NumberOfBytes ?? (request.KeySpec === 'AES_128' ? 16 : 32))
  return {
    KeyId: ring.arnOf(key),
    Plaintext: dataKey.toString('base64'),
    CiphertextBlob: seal(key, dataKey, request.EncryptionContext).toString('base64'),
  }
}

function describe(ring: KeyRing, key: MasterKey) {
  return {
    AWSAccountId: ring.accountId,
    KeyId: key.keyId,
    Arn: ring.arnOf(key),
    CreationDate: Date.parse(key.createdAt) / 1000,
    Enabled: key.enabled,
    KeyState: key.enabled ? 'Enabled' : 'Disabled',
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    KeyManager: 'CUSTOMER',
    Origin: 'AWS_KMS',
    MultiRegion: false,
  }
}

function accessDenied(): AwsError {
  return new AwsError(
    'AccessDeniedException',
    'The ciphertext refers to a key that does not exist here or that the caller may not use.',
  )
}

function disabled(arn: string): AwsError {
  return new AwsError('DisabledException', `${arn} is disabled.`)
}
