import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { ErasableObjects, ErasureLedger, LedgerEntry } from '../../ports/erasures.ts'

/** The ledger of erasures: an object each, ids and times only. */
export function makeS3ErasureLedger(client: S3Client, bucket: string): ErasureLedger {
  return {
    put: async (entry) => {
      const { tenantId, requestId, personId } = entry
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: `erasures/${tenantId}/${personId}-${requestId}.json`,
          Body: JSON.stringify(entry),
          ContentType: 'application/json',
        }),
      )
    },
    all: () => readAll(client, bucket),
  }
}

async function* readAll(client: S3Client, bucket: string): AsyncGenerator<LedgerEntry> {
  let token: string | undefined
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: 'erasures/',
        ContinuationToken: token,
      }),
    )
    for (const { Key } of page.Contents ?? []) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }))
      if (Body === undefined) throw new Error('an entry of the ledger has no body')
      yield JSON.parse(await Body.transformToString()) as LedgerEntry
    }
    token = page.NextContinuationToken
  } while (token !== undefined)
}

/** Deletes up to 1,000 objects a call; throws when one of them stays. */
export function makeS3ErasableObjects(client: S3Client, bucket: string): ErasableObjects {
  return {
    delete: async (keys) => {
      if (keys.length === 0) return
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
        }),
      )
      if (Errors.length > 0) throw new Error(`${Errors.length} objects could not be deleted`)
    },
  }
}
