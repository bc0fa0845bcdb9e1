import { userInfo } from 'node:os'
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place, s3Client } from '#infra/local/resources.ts'
import { makeAuditChain } from '#shared/adapters/database/audit-chain-store.ts'
import { makeS3AuditHeads } from '#shared/adapters/storage/s3-audit-heads.ts'
import { chainAll } from '#test/support/audit-world.ts'
import { type OpsWorld, openOpsWorld } from '#test/support/ops-world.ts'

describe('ops audit', () => {
  let world: OpsWorld
  let aws: LocalAws
  let client: S3Client
  let tenantId: string

  beforeAll(async () => {
    world = await openOpsWorld()
    aws = await startAws(0, place.region)
    client = s3Client(aws.url)
    await client.send(new CreateBucketCommand({ Bucket: 'audit' }))
  })
  afterAll(async () => {
    client.destroy()
    await Promise.all([world.close(), aws.close()])
  })
  beforeEach(async () => {
    tenantId = await world.addTenant('Auditada')
    await write(5)
  })

  const write = (count: number, at = 'now()') =>
    world.api.query(
      `insert into audit_entries (tenant_id, at, actor_kind, actor, action, outcome, purpose,
         person_ids)
       select :tenant::bigint, ${at}, 'client', '7', 'getPerson', 'done', 'support', array[n]
       from generate_series(1, :count::integer) n`,
      { tenant: tenantId, count },
    )
  const chain = () => chainAll(makeAuditChain(world.api))
  const verify = (more = '', variables = {}) =>
    world.ops(`audit verify --tenant ${tenantId}${more}`, variables)
  /** As a superuser may, with the guard off. */
  const tamper = (sql: string) =>
    world.api.transaction(async (transaction) => {
      await transaction.query('set local session_replication_role = replica')
      await transaction.query(sql, { tenant: tenantId })
    })

  it('verify tells of a whole chain and of its tail', async () => {
    await chain()
    await write(2)
    const { code, out } = await verify()
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`\\n${tenantId} +whole +5 +[0-9a-f]{16} +2 +\\d+ s`))
    expect(out).toContain('Compared with no ends kept outside')
    const [verdict] = JSON.parse((await verify(' --json')).out)
    expect(verdict).toMatchObject({ tenantId, links: 5, findings: [], tail: { entries: 2 } })
  })

  it('verify names what was changed, and fails', async () => {
    await chain()
    await tamper(
      `update audit_entries e set purpose = 'x' from audit_links l
       where e.tenant_id = :tenant::bigint and l.tenant_id = e.tenant_id and l.position = 3
         and l.audit_id = e.audit_id`,
    )
    const { code, error } = await verify()
    expect(code).toBe(1)
    expect(error).toMatch(/hash-differs at position 3, entry \d+/)
  })

  it('verify fails when entries wait for their chain too long', async () => {
    await write(1, `now() - interval '6 minutes'`)
    const { code, error } = await verify()
    expect(code).toBe(1)
    expect(error).toMatch(/BROKEN.* 6 min/)
  })

  it('verify misses what was cut off, by the ends that are kept outside', async () => {
    await chain()
    const heads = await makeAuditChain(world.api).heads()
    await makeS3AuditHeads(client, 'audit').keep(new Date(), heads)
    const outside = { AUDIT_BUCKET: 'audit', AWS_ENDPOINT_URL_S3: aws.url }
    expect((await verify('', outside)).out).toContain(`Compared with ${heads.length} ends`)
    await tamper('delete from audit_links where tenant_id = :tenant::bigint')
    await tamper('delete from audit_entries where tenant_id = :tenant::bigint')
    expect((await verify(' --heads 0', outside)).code).toBe(0)
    const { code, error } = await verify('', outside)
    expect(code).toBe(1)
    expect(error).toContain('head-missing at position 5')
  })

  it('who-saw and of-person answer, and are in the audit themselves', async () => {
    const seen = JSON.parse(
      (await world.ops(`audit who-saw --tenant ${tenantId} --actor 7 --json`)).out,
    )
    expect(seen.map(({ personId }: { personId: string }) => personId)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
    ])
    const { out } = await world.ops(
      `audit of-person --tenant ${tenantId} --person 3 --as ana --purpose complaint`,
    )
    expect(out).toMatch(/client 7 +getPerson +done +support/)
    expect(out).toContain('1 entries, newest first.')
    const rows = await world.api.query(
      `select actor, action, purpose, array_to_string(person_ids, ',') as persons
       from audit_entries where tenant_id = :tenant::bigint and actor_kind = 'operator'
       order by audit_id`,
      { tenant: tenantId },
    )
    const unspecified = { actor: userInfo().username, purpose: 'unspecified', persons: '' }
    expect(rows).toEqual([
      { ...unspecified, action: 'audit who-saw' },
      { actor: 'ana', action: 'audit of-person', purpose: 'complaint', persons: '3' },
    ])
  })

  it('what operators change is in the audit of its tenant, else of the deployment', async () => {
    const notes = async (tenant: string) =>
      (
        await world.api.query(
          `select actor, action, purpose from audit_entries
           where tenant_id = :tenant::bigint and actor_kind = 'operator' order by audit_id`,
          { tenant },
        )
      ).map(({ actor, action, purpose }) => [actor, action, purpose])
    const before = (await notes('0')).length
    await world.added(`tenant keep --as=ana --tenant ${tenantId} --raw 9 --purpose request`)
    await world.added(`tenant rotate-key --tenant=${tenantId}`)
    expect((await world.ops(`tenant keep --tenant ${tenantId} --as`)).code).toBe(1)
    expect((await world.ops(`tenant keep --tenant ${tenantId} --raw 0`)).code).toBe(1)
    expect((await world.ops(`tenant keep --tenant 999 --raw 9`)).code).toBe(1)
    expect(await notes(tenantId)).toEqual([
      ['ana', 'tenant keep', 'request'],
      [userInfo().username, 'tenant rotate-key', 'unspecified'],
    ])
    const { tenantId: other = '' } = await world.added('tenant add --name Nova --as ana')
    expect(await notes(other)).toEqual([])
    expect((await notes('0')).slice(before)).toEqual([['ana', 'tenant add', 'unspecified']])
    await world.ops(`waiting --tenant ${other}`)
    await world.ops(`failures list --tenant ${other}`)
    expect(await notes(other)).toEqual([])
  })

  it.each([
    ['verify --heads x', /^ops: --heads takes a number of days\.$/],
    ['who-saw --tenant 1', /^ops: Missing: --actor\.$/],
    ['of-person --tenant 1 --person ana', /^ops: --person takes the id of a person\.$/],
  ])('%s', async (command, sentence) => {
    const told = await world.ops(`audit ${command}`)
    expect(told.code).toBe(1)
    expect(told.error.trimEnd()).toMatch(sentence)
  })
})
