import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { RawMails } from '../../ports/raw-mails.ts'

/** Mails in the S3 bucket that SES's receipt rule writes into. */
export function makeS3RawMails(client: S3Client, bucket: string): RawMails {
  return {
    bucket,
    read: async (objectKey, maxBytes) => {
      const aborting = new AbortController()
      const { Body, ContentLength = 0 } = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: objectKey }),
        { abortSignal: aborting.signal },
      )
      if (ContentLength > maxBytes) {
        aborting.abort()
        return undefined
      }
      if (Body === undefined) throw new Error('a mail has no body')
      return Body.transformToByteArray()
    },
  }
}
