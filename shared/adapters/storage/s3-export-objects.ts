import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { ExportObjects, OpenObject } from '../../ports/exports.ts'
import { makeS3ErasableObjects } from './s3-erasures.ts'

interface Target {
  readonly client: S3Client
  readonly object: { readonly Bucket: string; readonly Key: string }
  readonly contentType: string
}

/** S3 takes parts of 5 MiB and more, but for the last one, and 10,000 of them: 80 GB. */
const partBytes = 8 * 1024 * 1024

/**
 * Copies of persons. What fits into one part is one PUT; more goes part by part, one at a time, so
 * that no more than a part of an object is in memory.
 */
export function makeS3ExportObjects(client: S3Client, bucket: string): ExportObjects {
  return {
    ...makeS3ErasableObjects(client, bucket),
    open: ({ key, contentType }) =>
      openObject({ client, object: { Bucket: bucket, Key: key }, contentType }),
  }
}

function openObject(target: Target): OpenObject {
  let pieces: Buffer[] = []
  let heldBytes = 0
  let upload: Upload | undefined
  const take = () => {
    const part = Buffer.concat(pieces)
    pieces = []
    heldBytes = 0
    return part
  }
  return {
    write: async (text) => {
      const piece = Buffer.from(text)
      pieces.push(piece)
      heldBytes += piece.length
      if (heldBytes < partBytes) return
      upload ??= await beginUpload(target)
      await upload.add(take())
    },
    close: async () => {
      if (upload === undefined) return put(target, take())
      if (heldBytes > 0) await upload.add(take())
      await upload.complete()
      upload = undefined
    },
    abandon: async () => {
      await upload?.abort()
      upload = undefined
    },
  }
}

async function put({ client, object, contentType }: Target, Body: Buffer): Promise<void> {
  await client.send(new PutObjectCommand({ ...object, ContentType: contentType, Body }))
}

type Upload = Awaited<ReturnType<typeof beginUpload>>

async function beginUpload({ client, object, contentType }: Target) {
  const begun = await client.send(
    new CreateMultipartUploadCommand({ ...object, ContentType: contentType }),
  )
  const upload = { ...object, UploadId: begun.UploadId }
  const parts: CompletedPart[] = []
  return {
    add: async (Body: Buffer) => {
      const PartNumber = parts.length + 1
      // S3 wants the sums of the parts again when they were sent with sums, as the SDK does.
      const { ETag, ChecksumCRC32 } = await client.send(
        new UploadPartCommand({ ...upload, PartNumber, Body }),
      )
      parts.push({ PartNumber, ETag, ChecksumCRC32 })
    },
    complete: () =>
      client.send(
        new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } }),
      ),
    abort: () => client.send(new AbortMultipartUploadCommand(upload)),
  }
}
