import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3'
import type { RawMails } from '../../ports/raw-mails.ts'

/** Mails in the S3 bucket that SES's receipt rule writes into. */
export function makeS3RawMails(client: S3Client, bucket: string): RawMails {
  return {
    bucket,
    read: async (objectKey, maxBytes) => {
      const aborting = new AbortController()
      const found = await client
        .send(new GetObjectCommand({ Bucket: bucket, Key: objectKey }), {
          abortSignal: aborting.signal,
        })
        .catch(noneThere)
      if (found === undefined) return 'gone'
      const { Body, ContentLength = 0 } = found
      if (ContentLength > maxBytes) {
        aborting.abort()
        return 'too-large'
      }
      if (Body === undefined) throw new Error('a mail has no body')
      return Body.transformToByteArray()
    },
  }
}

function noneThere(error: unknown): undefined {
  if (error instanceof NoSuchKey) return undefined
  throw error
}
