import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms'
import type { TenantKeys } from '../../ports/tenant-keys.ts'

/** Data keys from KMS; what a key is for is bound to it as encryption context. */
export interface DataKeys {
  generate(
    context: Readonly<Record<string, string>>,
  ): Promise<{ readonly plain: Uint8Array; readonly wrapped: Uint8Array }>
  decrypt(wrapped: Uint8Array, context: Readonly<Record<string, string>>): Promise<Uint8Array>
}

export function makeKmsDataKeys(client: KMSClient, keyArn: string): DataKeys {
  return {
    generate: async (context) => {
      const answer = await client.send(
        new GenerateDataKeyCommand({
          KeyId: keyArn,
          KeySpec: 'AES_256',
          EncryptionContext: { ...context },
        }),
      )
      if (!answer.Plaintext || !answer.CiphertextBlob) throw new Error('KMS made no data key')
      return { plain: answer.Plaintext, wrapped: answer.CiphertextBlob }
    },
    decrypt: async (wrapped, context) => {
      const answer = await client.send(
        new DecryptCommand({
          KeyId: keyArn,
          CiphertextBlob: wrapped,
          EncryptionContext: { ...context },
        }),
      )
      if (!answer.Plaintext) throw new Error('KMS opened no data key')
      return answer.Plaintext
    },
  }
}

export function makeTenantKeys(keys: DataKeys): TenantKeys {
  const context = (tenantId: string, purpose: string) => ({
    'recado:tenant': tenantId,
    'recado:purpose': purpose,
  })
  return {
    create: async (tenantId, purpose) => (await keys.generate(context(tenantId, purpose))).wrapped,
    unwrap: (tenantId, purpose, wrapped) => keys.decrypt(wrapped, context(tenantId, purpose)),
  }
}
