import { createHmac } from 'node:crypto'
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type SecretsManager, startSecretsManager } from '#infra/local/secrets-manager.ts'
import { makeSecretStore } from '#shared/adapters/keys/secrets-manager-store.ts'
import { verifySignature } from '#shared/adapters/whatsapp/signature.ts'
import { metaSecret } from '#shared/contracts/secrets.ts'
import { makeTrustSecrets } from '#shared/use-cases/trust-secrets.ts'

const name = 'recado/meta'
const second = 1000

describe("Meta's app secret while it is rotated", () => {
  let manager: SecretsManager
  let client: SecretsManagerClient
  let reads = 0
  let now = 0
  const clock = { now: () => now }

  beforeAll(async () => {
    manager = await startSecretsManager({ port: 0 })
    client = new SecretsManagerClient({
      endpoint: manager.url,
      region: 'sa-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    })
    await client.send(new CreateSecretCommand({ Name: name, SecretString: live('a') }))
    client.middlewareStack.add(
      (next, { commandName }) => {
        return async (args) => {
          if (commandName === 'GetSecretValueCommand') reads += 1
          return next(args)
        }
      },
      { step: 'initialize' },
    )
  })
  afterAll(async () => {
    client.destroy()
    await manager.close()
  })
  beforeEach(async () => {
    reads = 0
    now = 0
    await write('a')
  })

  function live(...appSecrets: readonly string[]): string {
    return JSON.stringify({ appSecrets, verifyTokens: [] })
  }
  const write = (...appSecrets: readonly string[]) =>
    client.send(new PutSecretValueCommand({ SecretId: name, SecretString: live(...appSecrets) }))

  /** A warm function: its answer to a hook that was signed with this secret. */
  function warm() {
    const store = makeSecretStore(client, clock)
    const trust = makeTrustSecrets({
      clock,
      secrets: async (options) =>
        metaSecret.parse(JSON.parse(await store.read(name, options))).appSecrets,
    })
    return (secret: string) => {
      const body = Buffer.from(`{"at":${now}}`)
      const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
      return trust((secrets) => verifySignature(body, signature, secrets))
    }
  }

  it('refuses no good hook and takes no forgery, when Meta changes over 5 minutes later', async () => {
    const functions = Array.from({ length: 5 }, warm)
    const ask = (secret: string) => Promise.all(functions.map((isSigned) => isSigned(secret)))
    const steps: Readonly<Record<number, () => Promise<unknown>>> = {
      300: () => write('a', 'b'),
      900: () => write('b'),
    }
    const good: boolean[] = []
    const forged: boolean[] = []
    for (let at = 0; at < 1200; at += 1) {
      now = at * second
      await steps[at]?.()
      good.push(...(await ask(at < 600 ? 'a' : 'b')))
      // Somebody who guesses, but not at every second.
      if (at % 7 === 3) forged.push(...(await ask('guessed')))
    }
    const counted = {
      ...{ good: good.length, refused: good.filter((isTaken) => !isTaken).length },
      ...{ forged: forged.length, passed: forged.filter((isTaken) => isTaken).length },
    }
    expect(counted).toEqual({ good: 6000, refused: 0, forged: 855, passed: 0 })
    // Every 10 seconds at most for those who guess, and every 5 minutes by itself.
    expect(reads).toBeLessThanOrEqual(functions.length * (1200 / 10 + 5))
  })

  it('refuses no good hook either when Meta changes over at once', async () => {
    const functions = Array.from({ length: 5 }, warm)
    for (now = 0; now < 60 * second; now += second) {
      if (now === 30 * second) await write('a', 'b')
      const signsWith = now < 30 * second ? 'a' : 'b'
      for (const isSigned of functions) expect(await isSigned(signsWith)).toBe(true)
    }
    expect(reads).toBe(functions.length * 2)
  })

  it('takes the old one no more, 5 minutes after it was taken out', async () => {
    await write('a', 'b')
    const isSigned = warm()
    expect([await isSigned('a'), await isSigned('b')]).toEqual([true, true])
    await write('b')
    now = 5 * 60 * second
    expect([await isSigned('a'), await isSigned('b')]).toEqual([false, true])
  })

  it('is read once for many forgeries', async () => {
    const isSigned = warm()
    for (let at = 0; at < 100; at += 1) expect(await isSigned('guessed')).toBe(false)
    expect(reads).toBe(2)
  })
})
