import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  KMSClient,
} from '@aws-sdk/client-kms'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Kms, type KmsOptions, startKms } from '#infra/local/kms.ts'

const secondKeyId = '7a1f6c0e-2f5b-4c9d-8f5e-0d6c6a4b1e02'
const options: KmsOptions = {
  port: 0,
  keys: [
    { keyId: '7a1f6c0e-2f5b-4c9d-8f5e-0d6c6a4b1e01', alias: 'alias/recado' },
    { keyId: secondKeyId },
  ],
}
let kms: Kms
let client: KMSClient

function clientOf(endpoint: string, maxAttempts = 1): KMSClient {
  return new KMSClient({
    endpoint,
    region: 'sa-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts,
  })
}

beforeEach(async () => {
  kms = await startKms(options)
  client = clientOf(kms.url)
})
afterEach(async () => {
  client.destroy()
  await kms.close()
})

describe('KMS for one machine', () => {
  it('makes a data key and opens it again under the same context', async () => {
    const EncryptionContext = { tenant: '1', epoch: '7' }
    const made = await client.send(
      new GenerateDataKeyCommand({ KeyId: kms.keyArn, KeySpec: 'AES_256', EncryptionContext }),
    )
    expect(made.KeyId).toBe(kms.keyArn)
    expect(made.Plaintext).toHaveLength(32)
    const opened = await client.send(
      new DecryptCommand({
        CiphertextBlob: made.CiphertextBlob,
        EncryptionContext: { epoch: '7', tenant: '1' },
      }),
    )
    expect(opened.Plaintext).toEqual(made.Plaintext)
    expect(opened.KeyId).toBe(kms.keyArn)
  })

  it('makes data keys of a given length, and without their plaintext', async () => {
    const made = await client.send(
      new GenerateDataKeyWithoutPlaintextCommand({ KeyId: 'alias/recado', NumberOfBytes: 64 }),
    )
    expect(made).not.toHaveProperty('Plaintext')
    const opened = await client.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }))
    expect(opened.Plaintext).toHaveLength(64)
  })

  it('refuses a data key of both or neither length', async () => {
    for (const length of [{}, { KeySpec: 'AES_256', NumberOfBytes: 32 } as const]) {
      const made = client.send(new GenerateDataKeyCommand({ KeyId: kms.keyArn, ...length }))
      await expect(made).rejects.toMatchObject({ name: 'ValidationException' })
    }
  })

  it('opens nothing under another context, or after any byte was changed', async () => {
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({
        KeyId: kms.keyArn,
        Plaintext: Buffer.from('segredo'),
        EncryptionContext: { tenant: '1' },
      }),
    )
    const blob = Buffer.from(CiphertextBlob ?? [])
    for (const EncryptionContext of [{ tenant: '2' }, { Tenant: '1' }, undefined]) {
      const opened = client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
      await expect(opened).rejects.toMatchObject({ name: 'InvalidCiphertextException' })
    }
    for (const index of [0, blob.length - 1, blob.length - 20, blob.length - 30]) {
      const changed = Buffer.from(blob)
      changed[index] = (changed[index] ?? 0) ^ 1
      const opened = client.send(
        new DecryptCommand({ CiphertextBlob: changed, EncryptionContext: { tenant: '1' } }),
      )
      await expect(opened).rejects.toMatchObject({ name: 'InvalidCiphertextException' })
    }
  })

  it('binds ciphertext to its key', async () => {
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({ KeyId: kms.keyArn, Plaintext: Buffer.from('segredo') }),
    )
    const withOther = client.send(new DecryptCommand({ CiphertextBlob, KeyId: secondKeyId }))
    await expect(withOther).rejects.toMatchObject({ name: 'IncorrectKeyException' })

    const renamed = Buffer.from(CiphertextBlob ?? [])
    renamed.write(secondKeyId, 2)
    const relabelled = client.send(new DecryptCommand({ CiphertextBlob: renamed }))
    await expect(relabelled).rejects.toMatchObject({ name: 'InvalidCiphertextException' })

    renamed.write('00000000', 2)
    const foreign = client.send(new DecryptCommand({ CiphertextBlob: renamed }))
    await expect(foreign).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })

  it('refuses plaintext over 4 KiB', async () => {
    const sealed = client.send(
      new EncryptCommand({ KeyId: kms.keyArn, Plaintext: Buffer.alloc(4097) }),
    )
    await expect(sealed).rejects.toMatchObject({ name: 'ValidationException' })
  })

  it('finds keys by id, ARN, alias and alias ARN, and says which is missing', async () => {
    const aliasArn = kms.keyArn.replace(/key\/.*/, 'alias/recado')
    for (const KeyId of [kms.keyArn, kms.keyArn.split('/')[1], 'alias/recado', aliasArn]) {
      const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }))
      expect(KeyMetadata).toMatchObject({ Arn: kms.keyArn, Enabled: true, KeyState: 'Enabled' })
      expect(KeyMetadata?.CreationDate).toBeInstanceOf(Date)
    }
    for (const KeyId of ['alias/other', 'c0ffee00-0000-0000-0000-000000000000']) {
      const described = client.send(new DescribeKeyCommand({ KeyId }))
      await expect(described).rejects.toMatchObject({ name: 'NotFoundException' })
    }
  })

  it('uses no disabled key until it is enabled again', async () => {
    const keyId = kms.keyArn.split('/')[1] ?? ''
    kms.setEnabled(keyId, false)
    const make = () =>
      client.send(new GenerateDataKeyCommand({ KeyId: kms.keyArn, KeySpec: 'AES_256' }))
    await expect(make()).rejects.toMatchObject({ name: 'DisabledException' })
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: keyId }))
    expect(KeyMetadata?.KeyState).toBe('Disabled')
    kms.setEnabled(keyId, true)
    await expect(make()).resolves.toBeDefined()
  })

  it('fails the next calls on demand, counts each, and the SDK retries what is retryable', async () => {
    const describeKey = () => client.send(new DescribeKeyCommand({ KeyId: kms.keyArn }))
    kms.fail({ kind: 'disabled', action: 'Decrypt' })
    kms.fail({ kind: 'throttling', count: 2 })
    kms.fail({ kind: 'internal' })
    kms.fail({ kind: 'access-denied' })
    await expect(describeKey()).rejects.toMatchObject({ name: 'ThrottlingException' })
    await expect(describeKey()).rejects.toMatchObject({ name: 'ThrottlingException' })
    await expect(describeKey()).rejects.toMatchObject({ name: 'KMSInternalException' })
    await expect(describeKey()).rejects.toMatchObject({ name: 'AccessDeniedException' })
    await describeKey()
    expect(kms.calls()).toEqual({ DescribeKey: 5 })
    kms.clearFaults()
    kms.resetCalls()
    kms.fail({ kind: 'throttling' })
    const patient = clientOf(kms.url, 3)
    await patient.send(new DescribeKeyCommand({ KeyId: kms.keyArn }))
    expect(kms.calls()).toEqual({ DescribeKey: 2 })
  })

  it('is steered over HTTP', async () => {
    const post = (body: unknown) =>
      fetch(`${kms.url}/_kms/faults`, { method: 'POST', body: JSON.stringify(body) })
    expect((await post({ kind: 'no-such' })).status).toBe(400)
    expect((await post({ kind: 'disabled', count: 1 })).status).toBe(204)
    const described = client.send(new DescribeKeyCommand({ KeyId: kms.keyArn }))
    await expect(described).rejects.toMatchObject({ name: 'DisabledException' })
    await post({ kind: 'disabled', count: 9 })
    await fetch(`${kms.url}/_kms/faults`, { method: 'DELETE' })
    await client.send(new DescribeKeyCommand({ KeyId: kms.keyArn }))
    const calls = await fetch(`${kms.url}/_kms/calls`)
    expect(await calls.json()).toEqual({ DescribeKey: 2 })
    await fetch(`${kms.url}/_kms/calls`, { method: 'DELETE' })
    expect(kms.calls()).toEqual({})
    expect((await fetch(`${kms.url}/_kms/other`)).status).toBe(404)
  })

  it('answers an unknown operation and a body that is not JSON as AWS does', async () => {
    const call = (target: string, body: string) =>
      fetch(kms.url, { method: 'POST', headers: { 'x-amz-target': target }, body })
    const unknown = await call('TrentService.MakeCoffee', '{}')
    expect(unknown.status).toBe(400)
    expect(await unknown.json()).toMatchObject({ __type: 'UnknownOperationException' })
    const garbled = await call('TrentService.DescribeKey', '{')
    expect(await garbled.json()).toMatchObject({ __type: 'SerializationException' })
  })

  it('keeps its keys in a file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kms-'))
    try {
      const keyFile = join(directory, 'new', 'kms.json')
      const first = await startKms({ port: 0, keyFile })
      const { CiphertextBlob } = await clientOf(first.url).send(
        new EncryptCommand({ KeyId: first.keyArn, Plaintext: Buffer.from('segredo') }),
      )
      await first.close()
      const second = await startKms({ port: 0, keyFile })
      expect(second.keyArn).toBe(first.keyArn)
      const opened = await clientOf(second.url).send(new DecryptCommand({ CiphertextBlob }))
      expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('segredo')
      await second.close()
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
