import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { type HttpRequest, startHttpServer } from '#infra/local/http-server.ts'
import { place, s3Client } from '#infra/local/resources.ts'
import { makeS3AuditHeads } from '#shared/adapters/storage/s3-audit-heads.ts'
import type { AuditHeads } from '#shared/ports/audit.ts'
import { makeExportAuditHeads } from '#shared/use-cases/export-audit-heads.ts'
import { type AuditWorld, openAuditWorld } from '#test/support/audit-world.ts'

const head = (tenantId: string, position: string) => ({
  tenantId,
  position,
  hash: position.padStart(64, '0'),
})

describe('ends of chains in a bucket', () => {
  let aws: LocalAws
  let client: S3Client
  let heads: AuditHeads
  let world: AuditWorld

  beforeAll(async () => {
    world = await openAuditWorld()
    aws = await startAws(0, place.region)
    client = s3Client(aws.url)
    await client.send(new CreateBucketCommand({ Bucket: 'audit' }))
    heads = makeS3AuditHeads(client, 'audit')
  })
  afterAll(async () => {
    client.destroy()
    await Promise.all([aws.close(), world.close()])
  })

  it('come back, the newest times of them', async () => {
    for (const day of [1, 2, 3]) {
      const at = new Date(Date.UTC(2026, 0, day))
      await heads.keep(at, [head('7', String(day)), head('8', String(day * 10))])
    }
    expect(await heads.newest(2)).toEqual([
      head('7', '2'),
      head('8', '20'),
      head('7', '3'),
      head('8', '30'),
    ])
    expect(await heads.newest(99)).toHaveLength(6)
  })

  it('are what the database has, and what a chain is held against', async () => {
    const { tenantId } = await world.addTenant({ hasSender: false })
    await world.write(tenantId, 5)
    await world.chainAll()
    const clock = { now: () => Date.UTC(2027, 0, 1) }
    expect(await makeExportAuditHeads({ chain: world.chain, heads, clock })()).toEqual({ heads: 1 })
    await world.write(tenantId, 5)
    await world.chainAll()
    const kept = await heads.newest(1)
    expect(kept).toMatchObject([{ tenantId, position: '5' }])
    expect(await world.verify(tenantId, kept)).toMatchObject({ links: 10, findings: [] })
    const forged = kept.flatMap((end) => [{ ...end, hash: '0'.repeat(64) }, end])
    expect((await world.verify(tenantId, forged)).findings).toMatchObject([
      { fault: 'head-differs', position: '5' },
    ])
  })

  it('are put once, with the checksum that a locked bucket wants', async () => {
    const seen: HttpRequest[] = []
    const server = await startHttpServer({
      port: 0,
      handle: (request) => {
        seen.push(request)
        return { status: 412, body: '<Error><Code>PreconditionFailed</Code></Error>' }
      },
    })
    const other = s3Client(server.url)
    const kept = makeS3AuditHeads(other, 'audit').keep(new Date(0), [head('7', '1')])
    await expect(kept).rejects.toMatchObject({ name: 'PreconditionFailed' })
    other.destroy()
    await server.close()
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      method: 'PUT',
      path: '/audit/heads/1970-01-01T00%3A00%3A00.000Z.json',
      headers: { 'if-none-match': '*', 'content-type': 'application/json' },
    })
    expect(seen[0]?.headers['x-amz-checksum-sha256'] ?? seen[0]?.headers['x-amz-trailer']).toMatch(
      /./,
    )
  })
})
