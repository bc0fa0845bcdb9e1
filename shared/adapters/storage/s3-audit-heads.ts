import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { AuditHeads, TenantHead } from '../../ports/audit.ts'

const prefix = 'heads/'

/**
 * Ends of chains as JSON in an S3 bucket, an object for each time; names sort by time. The bucket
 * locks what it is given by its own default, so that whoever writes needs no right to say how long.
 */
export function makeS3AuditHeads(client: S3Client, bucket: string): AuditHeads {
  return {
    keep: async (at, heads) => {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: `${prefix}${at.toISOString()}.json`,
          Body: JSON.stringify({ at: at.toISOString(), heads }),
          ContentType: 'application/json',
          IfNoneMatch: '*',
          // A bucket with Object Lock takes nothing without a checksum.
          ChecksumAlgorithm: 'SHA256',
        }),
      )
    },
    newest: async (times) => {
      const keys = (await allKeys(client, bucket)).toSorted().slice(-times)
      const read: TenantHead[] = []
      for (const key of keys) read.push(...(await readHeads(client, bucket, key)))
      return read
    },
  }
}

async function allKeys(client: S3Client, bucket: string): Promise<readonly string[]> {
  const keys: string[] = []
  let token: string | undefined
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(token !== undefined && { ContinuationToken: token }),
      }),
    )
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []))
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined
  } while (token !== undefined)
  return keys
}

async function readHeads(
  client: S3Client,
  bucket: string,
  key: string,
): Promise<readonly TenantHead[]> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  if (Body === undefined) throw new Error(`object ${key} has no body`)
  const { heads } = JSON.parse(await Body.transformToString()) as {
    readonly heads: readonly TenantHead[]
  }
  return heads
}
