import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place } from '#infra/local/resources.ts'
import { makeS3ExportObjects } from '#shared/adapters/storage/s3-export-objects.ts'
import { type SentToS3, watchS3 } from '#test/support/s3-watch.ts'

const bucket = 'recado-files'
const partBytes = 8 * 1024 * 1024

/** Sums over every part, as the SDK sends them unless it is told otherwise, or none. */
describe.each(['WHEN_SUPPORTED', 'WHEN_REQUIRED'] as const)(
  'an object by parts, sums %s',
  (sums) => {
    let aws: LocalAws
    let client: S3Client
    let sent: SentToS3
    let objects: ReturnType<typeof makeS3ExportObjects>

    beforeAll(async () => {
      aws = await startAws(0, place.region)
      client = new S3Client({
        endpoint: aws.url,
        region: place.region,
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        forcePathStyle: true,
        requestChecksumCalculation: sums,
      })
      await client.send(new CreateBucketCommand({ Bucket: bucket }))
      sent = watchS3(client)
      objects = makeS3ExportObjects(client, bucket)
    })
    afterAll(async () => {
      client.destroy()
      await aws.close()
    })

    const open = (Key: string) => objects.open({ key: Key, contentType: 'text/csv; charset=utf-8' })
    const bytesOf = async (Key: string) => {
      const { Body, ContentType } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }))
      return { text: await Body?.transformToString(), ContentType }
    }
    const isThere = (Key: string) =>
      client.send(new HeadObjectCommand({ Bucket: bucket, Key })).then(
        () => true,
        () => false,
      )

    it('is one PUT while it is small', async () => {
      sent.clear()
      const object = open('small')
      await object.write('São ')
      await object.write('Paulo')
      expect(await isThere('small')).toBe(false)
      await object.close()
      expect(await bytesOf('small')).toEqual({
        text: 'São Paulo',
        ContentType: 'text/csv; charset=utf-8',
      })
      expect(sent.commands('Head', 'Get')).toEqual(['PutObject'])
    })

    it('is there once it is closed, whole, and goes part by part', async () => {
      sent.clear()
      const object = open('large')
      const line = `${'ação '.repeat(20_000)}\n`
      const lines = 160
      for (let written = 0; written < lines; written += 1) await object.write(line)
      expect(await isThere('large')).toBe(false)
      await object.close()
      const { text, ContentType } = await bytesOf('large')
      expect(text === line.repeat(lines)).toBe(true)
      expect(ContentType).toBe('text/csv; charset=utf-8')
      const wholeBytes = Buffer.byteLength(line) * lines
      expect(sent.commands('Head', 'Get')).toEqual([
        'CreateMultipartUpload',
        ...Array.from(
          { length: Math.ceil(wholeBytes / (partBytes + Buffer.byteLength(line))) },
          () => 'UploadPart',
        ),
        'CompleteMultipartUpload',
      ])
      expect(sent.mostAtOnce()).toBe(1)
      const sizes = sent.partBytes()
      expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(partBytes)
      expect(Math.max(...sizes)).toBeLessThan(partBytes + Buffer.byteLength(line))
    })

    it('leaves nothing when it is abandoned, neither begun nor not', async () => {
      sent.clear()
      const [small, large] = [open('gone'), open('gone-too')]
      await small.write('a')
      await large.write('a'.repeat(partBytes + 1))
      await small.abandon()
      await large.abandon()
      await large.abandon()
      expect(sent.commands()).toEqual([
        'CreateMultipartUpload',
        'UploadPart',
        'AbortMultipartUpload',
      ])
      const more = { Bucket: bucket, Key: 'gone-too', UploadId: sent.uploadId(), PartNumber: 2 }
      await expect(client.send(new UploadPartCommand({ ...more, Body: 'b' }))).rejects.toThrow(
        'upload',
      )
      expect([await isThere('gone'), await isThere('gone-too')]).toEqual([false, false])
    })

    it('stays when it is abandoned after it was closed', async () => {
      const object = open('closed')
      await object.write('a'.repeat(partBytes + 1))
      await object.close()
      await object.abandon()
      expect(await isThere('closed')).toBe(true)
    })
  },
)
