import type { S3Client } from '@aws-sdk/client-s3'

/** What a client sent to S3 since `clear()`. */
export interface SentToS3 {
  clear(): void
  /** Names of commands in their order, but for those that begin so. */
  commands(...without: readonly string[]): readonly string[]
  /** Sizes of the parts of uploads, and of whole objects. */
  partBytes(): readonly number[]
  /** Requests under way side by side, at the most. */
  mostAtOnce(): number
  /** Of the upload last spoken of. */
  uploadId(): string | undefined
}

export function watchS3(client: S3Client): SentToS3 {
  let seen: { readonly name: string; readonly bytes: number; readonly uploadId: unknown }[] = []
  let [underWay, most] = [0, 0]
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (request) => {
        const { Body, UploadId } = request.input as { Body?: Uint8Array; UploadId?: string }
        const name = commandName.replace(/Command$/, '')
        seen.push({ name, bytes: Body?.length ?? 0, uploadId: UploadId })
        underWay += 1
        most = Math.max(most, underWay)
        try {
          return await next(request)
        } finally {
          underWay -= 1
        }
      },
    { step: 'initialize' },
  )
  return {
    clear: () => {
      seen = []
      most = 0
    },
    commands: (...without) =>
      seen
        .map(({ name }) => name)
        .filter((name) => !without.some((start) => name.startsWith(start))),
    partBytes: () =>
      seen.flatMap(({ name, bytes }) =>
        name === 'UploadPart' || name === 'PutObject' ? bytes : [],
      ),
    mostAtOnce: () => most,
    uploadId: () =>
      seen.map(({ uploadId }) => uploadId).findLast((id) => id !== undefined) as string,
  }
}
