import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SecretsManager, startSecretsManager } from '#infra/local/secrets-manager.ts'

let service: SecretsManager
let client: SecretsManagerClient

function clientOf(endpoint: string): SecretsManagerClient {
  return new SecretsManagerClient({
    endpoint,
    region: 'sa-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
}

beforeEach(async () => {
  service = await startSecretsManager({ port: 0 })
  client = clientOf(service.url)
})
afterEach(async () => {
  client.destroy()
  await service.close()
})

const token = (digit: string) => digit.repeat(32)
const create = (Name: string, SecretString = 'v1') =>
  client.send(new CreateSecretCommand({ Name, SecretString, ClientRequestToken: token('1') }))
const put = (SecretId: string, SecretString: string, digit: string) =>
  client.send(
    new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken: token(digit) }),
  )
const get = (SecretId: string, version: { VersionStage?: string; VersionId?: string } = {}) =>
  client.send(new GetSecretValueCommand({ SecretId, ...version }))

describe('Secrets Manager for one machine', () => {
  it('gives a secret by name, ARN and ARN without its suffix', async () => {
    const { ARN = '' } = await create('recado/senders/main')
    expect(ARN).toMatch(
      /^arn:aws:secretsmanager:sa-east-1:\d{12}:secret:recado\/senders\/main-[A-Za-z0-9]{6}$/,
    )
    for (const id of ['recado/senders/main', ARN, ARN.slice(0, -7)]) {
      const value = await get(id)
      expect(value).toMatchObject({
        ARN,
        Name: 'recado/senders/main',
        SecretString: 'v1',
        VersionId: token('1'),
        VersionStages: ['AWSCURRENT'],
      })
      expect(value.CreatedDate).toBeInstanceOf(Date)
    }
  })

  it('does not take a part of a name for a name', async () => {
    const { ARN = '' } = await create('recado/senders/main')
    for (const id of ['recado/senders', 'recado/senders/main-', ARN.slice(0, -1), 'unknown']) {
      await expect(get(id)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    }
  })

  it('moves AWSCURRENT and AWSPREVIOUS with each new value', async () => {
    await create('meta')
    await expect(get('meta', { VersionStage: 'AWSPREVIOUS' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining('AWSPREVIOUS'),
    })
    await put('meta', 'v2', '2')
    await put('meta', 'v3', '3')
    expect((await get('meta')).SecretString).toBe('v3')
    expect((await get('meta', { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('v2')
    expect((await get('meta', { VersionId: token('1') })).SecretString).toBe('v1')
    const described = await client.send(new DescribeSecretCommand({ SecretId: 'meta' }))
    expect(described.VersionIdsToStages).toEqual({
      [token('2')]: ['AWSPREVIOUS'],
      [token('3')]: ['AWSCURRENT'],
    })
    const mismatch = get('meta', { VersionId: token('1'), VersionStage: 'AWSCURRENT' })
    await expect(mismatch).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it('leaves AWSCURRENT where it is when another stage is asked for', async () => {
    await create('meta')
    await client.send(
      new PutSecretValueCommand({
        SecretId: 'meta',
        SecretString: 'next',
        VersionStages: ['AWSPENDING'],
      }),
    )
    expect((await get('meta')).SecretString).toBe('v1')
    expect((await get('meta', { VersionStage: 'AWSPENDING' })).SecretString).toBe('next')
  })

  it('takes a repeated call once, and refuses the same token with another value', async () => {
    await create('meta')
    const first = await put('meta', 'v2', '2')
    expect(await put('meta', 'v2', '2')).toMatchObject({ VersionId: first.VersionId })
    expect((await get('meta', { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('v1')
    await expect(put('meta', 'other', '2')).rejects.toMatchObject({
      name: 'ResourceExistsException',
    })
  })

  it('keeps binary values', async () => {
    const SecretBinary = Buffer.from([0, 255, 7])
    await client.send(new CreateSecretCommand({ Name: 'binary', SecretBinary }))
    const value = await get('binary')
    expect(Buffer.from(value.SecretBinary ?? [])).toEqual(SecretBinary)
    expect(value.SecretString).toBeUndefined()
  })

  it('refuses a second secret of a name, bad names, and values of both or neither kind', async () => {
    await create('meta')
    await expect(create('meta')).rejects.toMatchObject({ name: 'ResourceExistsException' })
    await expect(create('a b')).rejects.toMatchObject({ name: 'ValidationException' })
    for (const value of [{}, { SecretString: 'a', SecretBinary: Buffer.from('a') }]) {
      const answer = client.send(new PutSecretValueCommand({ SecretId: 'meta', ...value }))
      await expect(answer).rejects.toMatchObject({ name: 'InvalidRequestException' })
    }
  })

  it('has no value to give for a secret made without one', async () => {
    await client.send(new CreateSecretCommand({ Name: 'empty' }))
    await expect(get('empty')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it('gives nothing of a deleted secret until it is restored', async () => {
    await create('meta')
    const { DeletionDate } = await client.send(new DeleteSecretCommand({ SecretId: 'meta' }))
    expect(DeletionDate).toBeInstanceOf(Date)
    for (const call of [get('meta'), put('meta', 'v2', '2'), create('meta')]) {
      await expect(call).rejects.toMatchObject({ name: 'InvalidRequestException' })
    }
    const listed = await client.send(new ListSecretsCommand({}))
    expect(listed.SecretList).toEqual([])
    await client.send(new RestoreSecretCommand({ SecretId: 'meta' }))
    expect((await get('meta')).SecretString).toBe('v1')
    await client.send(
      new DeleteSecretCommand({ SecretId: 'meta', ForceDeleteWithoutRecovery: true }),
    )
    await expect(get('meta')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it('lists in pages and by the start of a name, without values', async () => {
    for (const name of ['a/1', 'a/2', 'b/1']) await create(name, 'canary')
    const first = await client.send(new ListSecretsCommand({ MaxResults: 2 }))
    expect(first.SecretList?.map(({ Name }) => Name)).toEqual(['a/1', 'a/2'])
    const rest = await client.send(
      new ListSecretsCommand({ MaxResults: 2, NextToken: first.NextToken }),
    )
    expect(rest.SecretList?.map(({ Name }) => Name)).toEqual(['b/1'])
    expect(rest.NextToken).toBeUndefined()
    const filtered = await client.send(
      new ListSecretsCommand({ Filters: [{ Key: 'name', Values: ['a/'] }] }),
    )
    expect(filtered.SecretList).toHaveLength(2)
    expect(JSON.stringify(first)).not.toContain('canary')
  })

  it('is filled by the program that runs it, once per value', async () => {
    const arn = service.put('meta', 'v1')
    expect(service.put('meta', 'v1')).toBe(arn)
    await expect(get(arn, { VersionStage: 'AWSPREVIOUS' })).rejects.toThrow()
    service.put('meta', 'v2')
    expect((await get(arn)).SecretString).toBe('v2')
    expect((await get(arn, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('v1')
  })

  it('fails on demand and counts calls', async () => {
    await create('meta')
    service.resetCalls()
    for (const [kind, name] of [
      ['throttling', 'ThrottlingException'],
      ['internal', 'InternalServiceError'],
      ['decryption', 'DecryptionFailure'],
      ['access-denied', 'AccessDeniedException'],
    ] as const) {
      service.fail({ kind, action: 'GetSecretValue' })
      await client.send(new DescribeSecretCommand({ SecretId: 'meta' }))
      await expect(get('meta')).rejects.toMatchObject({ name })
    }
    await get('meta')
    expect(service.calls()).toEqual({ DescribeSecret: 4, GetSecretValue: 5 })
  })

  it('keeps secrets in a file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'secrets-'))
    try {
      const file = join(directory, 'secrets.json')
      const first = await startSecretsManager({ port: 0, file })
      const arn = first.put('meta', 'v1')
      first.put('meta', 'v2')
      await first.close()
      const second = await startSecretsManager({ port: 0, file })
      const reader = clientOf(second.url)
      const previous = await reader.send(
        new GetSecretValueCommand({ SecretId: arn, VersionStage: 'AWSPREVIOUS' }),
      )
      expect(previous.SecretString).toBe('v1')
      expect(second.put('meta', 'v2')).toBe(arn)
      await second.close()
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
