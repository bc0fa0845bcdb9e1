import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { ObjectStore } from '../../ports/object-store.ts'

/** Texts in an S3 bucket. */
export function makeS3ObjectStore(client: S3Client, bucket: string): ObjectStore {
  return {
    put: async (key, text) => {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }))
    },
    get: async (key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      if (Body === undefined) throw new Error(`object ${key} has no body`)
      return Body.transformToString()
    },
  }
}
