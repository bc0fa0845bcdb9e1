import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place } from '#infra/local/resources.ts'
import { makeS3RawMails } from '#shared/adapters/storage/s3-raw-mails.ts'
import type { RawMails } from '#shared/ports/raw-mails.ts'
import { mediaS3Client } from '#test/support/media.ts'

describe('mails in the bucket of SES', () => {
  let aws: LocalAws
  let client: S3Client
  let mails: RawMails

  beforeAll(async () => {
    aws = await startAws(0, place.region)
    client = mediaS3Client(aws.url)
    await client.send(new CreateBucketCommand({ Bucket: 'inbox' }))
    mails = makeS3RawMails(client, 'inbox')
  })
  afterAll(async () => {
    client.destroy()
    await aws.close()
  })

  it('are read as they are, up to a size', async () => {
    const Body = Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0x41])
    await client.send(new PutObjectCommand({ Bucket: 'inbox', Key: 'in/1', Body }))
    expect(Buffer.from((await mails.read('in/1', 5)) ?? [])).toEqual(Body)
    expect(await mails.read('in/1', 4)).toBe('too-large')
    // What was broken off leaves the client usable.
    expect(await mails.read('in/1', 5)).toHaveLength(5)
  })

  it('are gone where there are none, and an error where there is no bucket', async () => {
    expect(await mails.read('in/none', 5)).toBe('gone')
    const elsewhere = makeS3RawMails(client, 'no-inbox')
    await expect(elsewhere.read('in/1', 5)).rejects.toThrow('bucket does not exist')
  })
})
