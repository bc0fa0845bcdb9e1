import { GetObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeExportStore } from '#shared/adapters/database/export-store.ts'
import { makeJobStore } from '#shared/adapters/database/job-store.ts'
import { makePrivacyStore } from '#shared/adapters/database/privacy-store.ts'
import { makeS3ErasableObjects } from '#shared/adapters/storage/s3-erasures.ts'
import { makeS3MediaObjects } from '#shared/adapters/storage/s3-media-objects.ts'
import { exportFiles } from '#shared/domain/privacy.ts'
import type { ExportStore } from '#shared/ports/exports.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeExportPerson } from '#shared/use-cases/export-person.ts'
import { makeKeepPrivacy } from '#shared/use-cases/keep-privacy.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import { type ErasureWorld, filesBucket, openErasureWorld } from '#test/support/erasure-world.ts'
import {
  apply,
  fresh,
  freshPhone,
  inbound,
  openChat,
  report,
  send,
  text,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

describe('the copy of everything that is kept of a person', () => {
  let world: ErasureWorld
  let tenant: WorldTenant
  let privacy: ReturnType<typeof makeKeepPrivacy>

  beforeAll(async () => {
    world = await openErasureWorld()
    privacy = makeKeepPrivacy({
      privacy: makePrivacyStore({ database: world.dataApi, sealer: world.sealer }),
      queue: { wake: async () => ({ failed: 0 }) },
      objects: makeS3MediaObjects({ client: world.s3, bucket: filesBucket, clock: systemClock }),
    })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const ask = (personId: string) =>
    privacy.ask({
      ...{ ...tenant, personId, kind: 'EXPORT' },
      request: { route: 'POST /x', key: fresh('key'), body: '{}' },
    })

  async function run(wrapped: (store: ExportStore) => ExportStore = (store) => store) {
    const { dataApi: database, sealer, s3: client, waits, owner } = world
    const { rows } = await owner.query(
      `update tasks set due_at = now() where tenant_id = $1 and type = 'PERSON_EXPORT'
         and state = 'PENDING' returning task_id::text as task_id`,
      [tenant.tenantId],
    )
    const work = makeRunJobs({
      type: 'PERSON_EXPORT',
      jobs: makeJobStore(database, waits),
      queue: { wake: async () => ({ failed: 0 }) },
      randomness: systemRandomness,
      work: makeExportPerson({
        exports: wrapped(makeExportStore({ database, sealer })),
        objects: {
          ...makeS3MediaObjects({ client, bucket: filesBucket, clock: systemClock }),
          ...makeS3ErasableObjects(client, filesBucket),
        },
      }),
    })
    return work(rows.map(({ task_id }) => ({ tenantId: tenant.tenantId, taskId: String(task_id) })))
  }

  async function object(requestId: string, file: string): Promise<string> {
    const Key = `exports/${tenant.tenantId}/${requestId}/${file}`
    const { Body } = await world.s3.send(new GetObjectCommand({ Bucket: filesBucket, Key }))
    return (await Body?.transformToString()) ?? ''
  }

  async function somebody() {
    const phone = freshPhone()
    const mail = `${fresh('ana')}@example.com`
    const externalId = fresh('ext')
    const contacts = [whatsapp(phone), { channel: 'EMAIL', address: mail } as const]
    const chat = await openChat(world, tenant, { externalId, contacts })
    return { ...chat, personId: chat.person.personId, phone, mail, externalId }
  }

  it('is the exact set of what is stored, opened', async () => {
    const ana = await somebody()
    const other = await somebody()
    const said = ['=HYPERLINK("x")', 'Olá, "Ana"\nlinha 2']
    for (const content of said) {
      await apply(world, inbound(tenant, { phone: ana.phone, content: text(content) }))
    }
    await apply(world, inbound(tenant, { phone: other.phone, content: text('de outra pessoa') }))
    const sent = await send(world, tenant, ana.chatId)
    await apply(world, report(tenant, { wamid: sent.wamid, status: 'DELIVERED' }))
    await apply(world, report(tenant, { wamid: sent.wamid, status: 'READ' }))
    await world.optOut(tenant.tenantId, ana.chatId, { category: 'MARKETING' })

    const { requestId } = await ask(ana.personId)
    expect(await run()).toEqual({ claimed: 1, done: 1 })

    const document = JSON.parse(await object(requestId, exportFiles.json))
    expect(document).toMatchObject({
      format: 'recado-person/1',
      personId: ana.personId,
      persons: [{ personId: ana.personId, name: 'Ana Lima', externalId: ana.externalId }],
      chats: [{ chatId: ana.chatId, status: 'ACTIVE' }],
      suppressions: [],
      files: [],
      movements: [],
      installments: [],
      readers: [],
    })
    expect(document.contacts.map(({ address }: { address: string }) => address).toSorted()).toEqual(
      [ana.mail, ana.phone].toSorted(),
    )
    expect(document.messages.map(({ content }: { content: unknown }) => content)).toEqual([
      ...said.map(text),
      text('Olá'),
    ])
    expect(
      document.statuses.map(({ messageId, status }: Record<string, string>) => [messageId, status]),
    ).toEqual([
      [sent.messageId, 'DELIVERED'],
      [sent.messageId, 'READ'],
    ])
    expect(document.optOuts).toHaveLength(2)
    expect(document.consents).toHaveLength(2)
    const all = JSON.stringify(document)
    for (const foreign of [other.phone, other.mail, other.externalId, 'de outra pessoa']) {
      expect(all).not.toContain(foreign)
    }
    expect(all).not.toMatch(/rowToken|Token"/)

    const table = await object(requestId, exportFiles.csv)
    expect(table.split('\r\n')).toHaveLength(1 + 3 + 1)
    expect(table).toContain(`text,"'=HYPERLINK(""x"")"\r\n`)
    const { asked, downloads } = await privacy.get(tenant, requestId)
    expect(asked).toMatchObject({
      state: 'DONE',
      receipt: { counts: { messages: 3, statuses: 2, contacts: 2, persons: 1, chats: 1 } },
    })
    const fetched = await fetch(downloads?.csv.url ?? '')
    expect([fetched.status, await fetched.text()]).toEqual([200, table])
    expect(fetched.headers.get('content-disposition')).toContain('attachment')
  })

  it('reads long lists page by page, once each', async () => {
    const ana = await somebody()
    await world.owner.query(
      `insert into consents (tenant_id, person_id, channel, purpose, action, source, occurred_at)
       select $1, $2, 'EMAIL', 'p' || n, 'GIVEN', 'site', now() from generate_series(1, 450) n`,
      [tenant.tenantId, ana.personId],
    )
    const { requestId } = await ask(ana.personId)
    await run()
    const { consents } = JSON.parse(await object(requestId, exportFiles.json))
    const purposes = new Set(consents.map(({ purpose }: { purpose: string }) => purpose))
    expect([consents.length, purposes.size]).toEqual([450, 450])
  })

  it('has nothing of somebody who was erased while it was made, and nothing stays', async () => {
    const ana = await somebody()
    const { requestId } = await ask(ana.personId)
    await run((store) => ({
      ...store,
      finish: async (name, counts) => {
        await world.owner.query('update persons set erased_at = now() where person_id = $1', [
          ana.personId,
        ])
        return store.finish(name, counts)
      },
    }))
    expect((await privacy.get(tenant, requestId)).asked).toMatchObject({
      state: 'REFUSED',
      reason: 'erased',
    })
    expect((await world.keys('files')).filter((key) => key.includes(`/${requestId}/`))).toEqual([])
  })

  it('leaves no copy of who was erased, also when it dies before it took it back', async () => {
    const ana = await somebody()
    const { requestId } = await ask(ana.personId)
    await run((store) => ({
      ...store,
      finish: async (name, counts) => {
        await world.owner.query('update persons set erased_at = now() where person_id = $1', [
          ana.personId,
        ])
        await store.finish(name, counts)
        throw new Error('its process is gone')
      },
    }))
    const copies = async () =>
      (await world.keys('files')).filter((key) => key.includes(`/${requestId}/`))
    expect(await copies()).toHaveLength(2)
    expect(await run()).toMatchObject({ done: 1 })
    expect(await copies()).toEqual([])
    expect((await privacy.get(tenant, requestId)).asked).toMatchObject({
      ...{ state: 'REFUSED', reason: 'erased' },
    })
  })

  it('goes with its person: an erasure deletes what was made before', async () => {
    const ana = await somebody()
    const { requestId } = await ask(ana.personId)
    await run()
    expect((await privacy.get(tenant, requestId)).downloads).toBeDefined()
    await world.ask(tenant.tenantId, ana.personId)
    await world.run(tenant.tenantId)
    expect((await privacy.get(tenant, requestId)).downloads).toBeUndefined()
    expect((await world.keys('files')).filter((key) => key.includes(`/${requestId}/`))).toEqual([])
  })
})
