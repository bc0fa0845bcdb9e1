import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mostTemplateSyncs } from '#shared/domain/durations.ts'
import type { ListedTemplate } from '#shared/ports/template-source.ts'
import { until } from '#test/support/stack.ts'
import { fresh, type WorldTenant } from '#test/support/stores-world.ts'
import { listed, openTemplateWorld, type TemplateWorld } from '#test/support/template-world.ts'

const noChanges = { blocked: 0, recategorised: 0, other: 0 }

describe('provider templates', () => {
  let world: TemplateWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openTemplateWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  /** A whole sync, from the plan to its end. */
  async function sync(known: readonly ListedTemplate[], isWhole = true) {
    const job = await world.planned(tenant)
    const changes = await world[isWhole ? 'apply' : 'applyPart'](tenant, job, known)
    await world.end(job)
    return changes
  }
  const one = async (name: string) => (await world.list(tenant)).find((each) => each.name === name)

  it('are kept as they were listed, their first category accepted', async () => {
    expect(await world.syncedAt(tenant)).toBeNull()
    const named = listed('b', {
      language: 'en_US',
      category: 'MARKETING',
      status: 'PAUSED',
      parameterFormat: 'NAMED',
      shape: { body: ['nome'] },
      quality: 'RED',
      reason: 'SCAM',
    })
    expect(await sync([named, listed('a'), listed('a')])).toEqual(noChanges)
    expect(await world.list(tenant)).toEqual([
      expect.objectContaining({
        ...{ wabaId: tenant.sender.wabaId, name: 'a', language: 'pt_BR', status: 'APPROVED' },
        ...{ category: 'UTILITY', acceptedCategory: 'UTILITY', quality: undefined },
        ...{ parameterFormat: 'POSITIONAL', shape: { body: 1 } },
        components: [{ type: 'BODY', text: 'Olá, {{1}}' }],
      }),
      expect.objectContaining({
        ...{ name: 'b', language: 'en_US', status: 'PAUSED', quality: 'RED' },
        ...{ category: 'MARKETING', acceptedCategory: 'MARKETING', parameterFormat: 'NAMED' },
        shape: { body: ['nome'] },
      }),
    ])
    expect(await world.syncedAt(tenant)).not.toBeNull()
  })

  it('tell what changed, once: blocked, recategorised, back again, gone', async () => {
    await sync([listed('a'), listed('b'), listed('c')])
    const changed = [listed('a', { status: 'PAUSED' }), listed('b', { category: 'MARKETING' })]
    expect(await sync(changed)).toEqual({ blocked: 2, recategorised: 1, other: 0 })
    expect((await world.list(tenant)).map(({ name, status }) => [name, status])).toEqual([
      ['a', 'PAUSED'],
      ['b', 'APPROVED'],
      ['c', 'DELETED'],
    ])
    expect(await sync(changed)).toEqual(noChanges)
    const back = [listed('a'), listed('b', { category: 'MARKETING' }), listed('c')]
    expect(await sync(back)).toEqual({ blocked: 0, recategorised: 0, other: 2 })
  })

  it('keep the accepted category until somebody accepts the other one', async () => {
    await sync([listed('a'), listed('b')])
    await sync([listed('a', { category: 'MARKETING' }), listed('b')])
    await sync([listed('a', { category: 'MARKETING' }), listed('b')])
    expect(await one('a')).toMatchObject({ category: 'MARKETING', acceptedCategory: 'UTILITY' })
    const name = { name: 'a', language: 'pt_BR' }
    const other = await world.addTenant()
    expect(await world.templates.acceptCategory(other, name)).toEqual([])
    expect(await one('a')).toMatchObject({ acceptedCategory: 'UTILITY' })
    for (let times = 0; times < 2; times += 1) {
      const accepted = await world.templates.acceptCategory(tenant, name)
      expect(accepted).toMatchObject([{ name: 'a', acceptedCategory: 'MARKETING' }])
    }
    expect(await one('b')).toMatchObject({ acceptedCategory: 'UTILITY' })
    expect(await sync([listed('a', { category: 'MARKETING' }), listed('b')])).toEqual(noChanges)
  })

  it('are not deleted, nor the sender called synced, by a list that is not whole', async () => {
    expect(await sync([listed('a')], false)).toEqual(noChanges)
    expect(await world.syncedAt(tenant)).toBeNull()
    await sync([listed('a'), listed('b')])
    expect(await sync([listed('a')], false)).toEqual(noChanges)
    expect(await one('b')).toMatchObject({ status: 'APPROVED' })
  })

  it('an empty list deletes all', async () => {
    await sync([listed('a')])
    expect(await sync([])).toMatchObject({ blocked: 1 })
    expect(await one('a')).toMatchObject({ status: 'DELETED' })
  })

  it('keep what was told after the list began', async () => {
    await sync([listed('a'), listed('b')])
    const job = await world.planned(tenant)
    await world.owner.query(
      `update provider_templates set status = 'DISABLED', updated_at = now() where tenant_id = $1`,
      [tenant.tenantId],
    )
    expect(await world.apply(tenant, job, [listed('a')])).toEqual(noChanges)
    expect((await world.list(tenant)).map(({ status }) => status)).toEqual(['DISABLED', 'DISABLED'])
    await world.end(job)
    expect(await sync([listed('a')])).toEqual({ blocked: 1, recategorised: 0, other: 1 })
  })

  it('a repeated call, and the next try, answer the changes of the one before', async () => {
    await sync([listed('a'), listed('b')])
    const job = await world.planned(tenant)
    const known = [listed('a', { status: 'REJECTED' })]
    const changes = { blocked: 2, recategorised: 0, other: 0 }
    expect(await world.apply(tenant, job, known)).toEqual(changes)
    expect(await world.apply(tenant, job, known)).toEqual(changes)
    const retry = { outcome: 'RETRY', reason: 'busy', retryInSeconds: 0 } as const
    await world.jobs.settle([{ job, result: retry }])
    const next = await world.claim(tenant, job.taskId)
    expect(await world.apply(tenant, next, known)).toEqual(changes)
  })

  it('are written only under the claim of their sync', async () => {
    const job = await world.planned(tenant)
    await world.pass(world.waits.leaseSeconds + 1)
    await world.tasks.relay(1000)
    expect(await world.apply(tenant, job, [listed('a')])).toBeUndefined()
    const next = await world.claim(tenant, job.taskId)
    expect(await world.apply(tenant, job, [listed('a')])).toBeUndefined()
    expect(await world.list(tenant)).toEqual([])
    const stranger = await world.addTenant()
    expect(await world.apply(stranger, next, [listed('a')])).toBeUndefined()
    expect(await world.apply(tenant, next, [listed('a')])).toEqual(noChanges)
    expect(await world.list(stranger)).toEqual([])
  })

  it('two tenants with the same account know it apart', async () => {
    await sync([listed('a')])
    const other = await world.addTenant()
    await world.owner.query('update senders set waba_id = $2 where tenant_id = $1', [
      other.tenantId,
      tenant.sender.wabaId,
    ])
    expect(await world.list(other)).toEqual([])
    expect(await world.syncedAt(other)).toBeNull()
  })

  it('10,000 of them take a handful of calls', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => listed(`modelo_${index}`))
    const job = await world.planned(tenant)
    world.endpoint.resetCalls()
    expect(await world.apply(tenant, job, many)).toEqual(noChanges)
    const calls = world.endpoint.calls().length
    process.stdout.write(`10,000 templates: ${calls} database calls\n`)
    expect(calls).toBe(20)
    const { rows } = await world.owner.query(
      'select count(*)::int as count from provider_templates where tenant_id = $1',
      [tenant.tenantId],
    )
    expect(rows).toEqual([{ count: 10_000 }])
  })

  describe('are listed', () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const page = (limit: number, filter = {}, cursor?: string) =>
      world.templates.list(tenant, { limit, cursor, filter })

    it('page by page, by name and language, in one call each', async () => {
      await sync([...names.map((name) => listed(name)), listed('c', { language: 'en_US' })])
      const seen: string[] = []
      let cursor: string | undefined
      world.endpoint.resetCalls()
      do {
        const found = await page(2, {}, cursor)
        seen.push(...found.items.map(({ name, language }) => `${name} ${language}`))
        cursor = found.nextCursor
      } while (cursor !== undefined)
      expect(seen).toEqual(['a pt_BR', 'b pt_BR', 'c en_US', 'c pt_BR', 'd pt_BR', 'e pt_BR'])
      const calls = world.endpoint.calls().map(({ sql }) => sql)
      expect(calls.filter((sql) => !sql.includes("'kind', 'tenant'"))).toHaveLength(3)
    })

    it('by what is asked for, and no cursor works for another question', async () => {
      const odd = { language: 'en_US', status: 'PAUSED', category: 'MARKETING' }
      await sync([...names.map((name) => listed(name)), listed('c', odd)])
      for (const [key, value] of Object.entries(odd)) {
        expect((await page(9, { [key]: value })).items).toMatchObject([{ name: 'c', ...odd }])
      }
      expect((await page(9, { name: 'c' })).items).toHaveLength(2)
      expect((await page(9, { name: 'c', language: 'pt_BR' })).items).toHaveLength(1)
      const { nextCursor } = await page(1, { name: 'c' })
      await expect(page(1, {}, nextCursor)).rejects.toThrow('invalid-cursor')
    })

    it('in pages that fit a result, however large they are', async () => {
      const text = 'ç'.repeat(15_000)
      await sync(
        Array.from({ length: 60 }, (_, at) =>
          listed(`grande_${String(at).padStart(2, '0')}`, { components: [{ type: 'BODY', text }] }),
        ),
      )
      const first = await page(100)
      expect(first.items.length).toBeLessThan(60)
      const second = await page(100, {}, first.nextCursor)
      const third = await page(100, {}, second.nextCursor)
      const all = [...first.items, ...second.items, ...third.items]
      expect(new Set(all.map(({ name }) => name)).size).toBe(60)
      expect(all.every(({ components }) => JSON.stringify(components).includes(text))).toBe(true)
    })
  })

  describe('are planned to be synced', () => {
    it('once while one waits', async () => {
      expect(await world.syncs.planSyncs(tenant)).toMatchObject([{ state: 'planned' }])
      expect(await world.syncs.planSyncs(tenant)).toMatchObject([{ state: 'pending' }])
    })

    it('once by two at a time', async () => {
      const one = await world.owner.connect()
      await one.query('begin')
      const input = { tenantId: tenant.tenantId, most: 30, whileSeconds: 3600 }
      await one.query('select plan_template_syncs_v1($1)', [input])
      let ended = false
      const other = world.syncs.planSyncs(tenant).finally(() => {
        ended = true
      })
      await until(
        async () => ended || (await waitingLocks()) > 0,
        (waits) => waits,
      )
      await one.query('commit')
      one.release()
      expect(await other).toMatchObject([{ state: 'pending' }])
    })

    async function waitingLocks(): Promise<number> {
      const { rows } = await world.owner.query(
        `select 1 from pg_locks where locktype = 'advisory' and not granted
           and database = (select oid from pg_database where datname = current_database())`,
      )
      return rows.length
    }

    it('again while one runs: it may have read before the change', async () => {
      await world.planned(tenant)
      expect(await world.syncs.planSyncs(tenant)).toMatchObject([{ state: 'planned' }])
    })

    it('so many times an hour, and then it says when again', async () => {
      for (let times = 0; times < mostTemplateSyncs; times += 1) {
        await world.end(await world.planned(tenant))
      }
      const [limited] = await world.syncs.planSyncs(tenant)
      expect(limited).toMatchObject({ state: 'limited', taskId: undefined })
      expect(limited?.retryAfterSeconds).toBeGreaterThan(3000)
      expect(limited?.retryAfterSeconds).toBeLessThanOrEqual(3600)
      await world.pass(3600)
      expect(await world.syncs.planSyncs(tenant)).toMatchObject([{ state: 'planned' }])
    })

    it('for every account with senders, and each once', async () => {
      const bare = await world.addTenant({ hasSender: false })
      const second = fresh('phone')
      await world.owner.query(
        `insert into senders (tenant_id, channel, phone_number_id, waba_id, secret_name)
         values ($1, 'WHATSAPP', $2, $3, 'secret'), ($1, 'WHATSAPP', $4, 'second', 'secret')`,
        [tenant.tenantId, second, tenant.sender.wabaId, fresh('phone')],
      )
      const plans = await world.syncs.planSyncs(undefined)
      const own = plans.filter(({ tenantId }) => tenantId === tenant.tenantId)
      expect(own.map(({ wabaId }) => wabaId)).toEqual(['second', tenant.sender.wabaId].toSorted())
      expect(plans.filter(({ tenantId }) => tenantId === bare.tenantId)).toEqual([])
      expect(await world.syncs.planSyncs(bare)).toEqual([])
    })
  })

  it("the account's secrets are found, each once, the default sender's first", async () => {
    await world.owner.query(
      `insert into senders (tenant_id, channel, phone_number_id, waba_id, secret_name)
       values ($1, 'WHATSAPP', $2, $3, 'second'), ($1, 'WHATSAPP', $4, $3, 'secret')`,
      [tenant.tenantId, fresh('phone'), tenant.sender.wabaId, fresh('phone')],
    )
    const secrets = await world.directory.accountSecrets(tenant.tenantId, tenant.sender.wabaId)
    expect(secrets).toEqual(['secret', 'second'])
    expect(await world.directory.accountSecrets(tenant.tenantId, 'none')).toEqual([])
  })
})
