import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { Clock } from '../../ports/clock.ts'
import type { SecretStore } from '../../ports/secret-store.ts'

const keptMs = 5 * 60_000

/** Secrets of AWS Secrets Manager, each kept for 5 minutes. */
export function makeSecretStore(client: SecretsManagerClient, clock: Clock): SecretStore {
  const kept = new Map<string, { readonly readAt: number; readonly value: Promise<string> }>()
  return {
    read: (name, options) => {
      const known = kept.get(name)
      const young = known !== undefined && clock.now() - known.readAt < keptMs
      if (young && options?.fresh !== true) return known.value
      const value = readSecret(client, name)
      value.catch(() => kept.delete(name))
      kept.set(name, { readAt: clock.now(), value })
      return value
    },
  }
}

async function readSecret(client: SecretsManagerClient, name: string): Promise<string> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }))
  if (SecretString === undefined) throw new Error(`secret ${name} holds no text`)
  return SecretString
}
