import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place } from '#infra/local/resources.ts'
import { makeS3ErasureLedger } from '#shared/adapters/storage/s3-erasures.ts'
import { mediaS3Client } from '#test/support/media.ts'
import { type OpsWorld, openOpsWorld } from '#test/support/ops-world.ts'

const bucket = 'recado-ledger'

describe('ops -- privacy replay', () => {
  let world: OpsWorld
  let aws: LocalAws
  beforeAll(async () => {
    ;[world, aws] = await Promise.all([openOpsWorld(), startAws(0, place.region)])
  })
  afterAll(async () => {
    await Promise.all([world.close(), aws.close()])
  })

  it('plans the erasures of the ledger whose persons are there, and tells counts', async () => {
    const s3 = mediaS3Client(aws.url)
    await s3.send(new CreateBucketCommand({ Bucket: bucket }))
    const tenantId = await world.addTenant('Aurora')
    const [person] = await world.api.query(
      `insert into persons (tenant_id, row_token) values (:tenant::bigint, gen_random_uuid())
       returning person_id::text as person_id,
         (extract(epoch from created_at) * 1000000)::bigint::text as created_at`,
      { tenant: tenantId },
    )
    const [held] = await world.api.query(
      `insert into persons (tenant_id, row_token, legal_hold_at)
       values (:tenant::bigint, gen_random_uuid(), now())
       returning person_id::text as person_id,
         (extract(epoch from created_at) * 1000000)::bigint::text as created_at`,
      { tenant: tenantId },
    )
    const ledger = makeS3ErasureLedger(s3, bucket)
    const entry = {
      ...{ tenantId, requestId: '77', requestedAt: new Date().toISOString() },
      personId: String(person?.person_id),
      createdAt: String(person?.created_at),
    }
    await ledger.put(entry)
    await ledger.put({ ...entry, personId: '999' })
    const ofHeld = { personId: String(held?.person_id), createdAt: String(held?.created_at) }
    await ledger.put({ ...entry, ...ofHeld })
    s3.destroy()
    const variables = { LEDGER_BUCKET: bucket, AWS_ENDPOINT_URL_S3: aws.url }
    const { out, error } = await world.ops('privacy replay', variables)
    expect(error).toBe('')
    expect(JSON.parse(out)).toEqual({ planned: 1, ended: 0, held: 1, unknown: 1 })
    const planned = await world.api.query(
      "select payload ->> 'personId' as person_id from tasks where type = 'PERSON_ERASURE'",
      {},
    )
    expect(planned).toEqual([{ person_id: entry.personId }])
  })

  it('says which variable it wants', async () => {
    const { code, error } = await world.ops('privacy replay')
    expect(code).toBe(1)
    expect(error).toContain('LEDGER_BUCKET')
  })
})
