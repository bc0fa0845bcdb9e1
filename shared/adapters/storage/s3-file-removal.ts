import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { FileRemoval } from '../../ports/cleanup-store.ts'

const sideBySide = 10

/** Removes objects of an S3 bucket, a few at a time. */
export function makeS3FileRemoval(client: S3Client, bucket: string): FileRemoval {
  return {
    remove: async (objectKeys) => {
      for (let start = 0; start < objectKeys.length; start += sideBySide) {
        const some = objectKeys.slice(start, start + sideBySide)
        await Promise.all(
          some.map((key) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))),
        )
      }
    },
  }
}
