import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type BillingWorld,
  installmentEvent,
  movementEvent,
  openBillingWorld,
  storedInstallments,
  storedMovements,
  type ToldEvent,
} from '#test/support/billing-world.ts'
import { freshPhone, openChat, type WorldTenant, whatsapp } from '#test/support/stores-world.ts'

describe('what a finance system tells', () => {
  let world: BillingWorld
  let tenant: WorldTenant
  beforeAll(async () => {
    world = await openBillingWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const installments = (of = tenant) => storedInstallments(world, of)
  const movements = (of = tenant) => storedMovements(world, of)
  const outcomeOf = (event: ToldEvent) => world.business.find(tenant, String(event.eventId))
  const parked = async () => {
    const { rows } = await world.owner.query(
      'select reason, channel from parked_items where tenant_id in ($1, 0) order by parked_item_id',
      [tenant.tenantId],
    )
    return rows
  }

  it('applies a movement and its installments in one database call', async () => {
    const before = world.endpoint.calls().length
    const outcome = await world.tell(
      tenant,
      movementEvent('m1', { person: { externalId: '8812', contacts: [whatsapp(freshPhone())] } }),
      installmentEvent('m1-1', { movementId: 'm1' }),
      installmentEvent('m1-2', { movementId: 'm1', number: 2 }),
    )
    expect(outcome).toMatchObject({ events: 3, applied: 3, stale: 0, copies: 0, parkedStored: 0 })
    const calls = world.endpoint.calls().slice(before)
    expect(calls.filter(({ sql }) => sql?.includes('apply_business_events_v1'))).toHaveLength(1)
    expect(await movements()).toEqual([
      { movement_id: 'm1', version: 1, status: 'OPEN', amount_cents: 30_000, contacts: 1 },
    ])
    expect(await installments()).toMatchObject([
      { installment_id: 'm1-1', status: 'OPEN', balance_cents: 10_000, is_waiting: false },
      { installment_id: 'm1-2', status: 'OPEN', balance_cents: 10_000, is_waiting: false },
    ])
  })

  it('seals what is personal', async () => {
    await world.tell(
      tenant,
      movementEvent('m2', { description: 'Consulta do doutor Segredo' }),
      installmentEvent('i2', {
        movementId: 'm2',
        paymentLink: 'https://pagar.exemplo.com.br/segredo',
      }),
    )
    const { rows } = await world.owner.query(
      `select details as sealed from movements where tenant_id = $1
       union all select details from installments where tenant_id = $1`,
      [tenant.tenantId],
    )
    expect(rows).toHaveLength(2)
    for (const { sealed } of rows) expect(String(sealed)).not.toMatch(/segredo/i)
  })

  it('ignores and counts an event older than what is stored', async () => {
    const newer = installmentEvent('i3', {
      type: 'installment.updated',
      version: 5,
      dueOn: '2027-01-10',
      status: 'OPEN',
    })
    const older = installmentEvent('i3', { version: 1 })
    await world.tell(tenant, newer)
    expect(await world.tell(tenant, older)).toMatchObject({ applied: 0, stale: 1 })
    expect(await outcomeOf(older)).toMatchObject({ outcome: 'stale', copies: 0, version: 1 })
    expect(await installments()).toMatchObject([{ version: 5, due_on: '2027-01-10' }])
  })

  it('takes each event once and counts its copies', async () => {
    const event = installmentEvent('i4')
    expect(await world.tell(tenant, event, event)).toMatchObject({ applied: 1, copies: 1 })
    expect(await world.tell(tenant, event)).toMatchObject({ applied: 0, copies: 1, conflicts: 0 })
    expect(await outcomeOf(event)).toMatchObject({ outcome: 'applied', copies: 2, conflicts: 0 })
  })

  it('shows an id that was used for two events', async () => {
    const event = installmentEvent('i5')
    await world.tell(tenant, event)
    const other = { ...installmentEvent('i5-other'), eventId: event.eventId }
    expect(await world.tell(tenant, other)).toMatchObject({ copies: 1, conflicts: 1 })
    expect(await outcomeOf(event)).toMatchObject({ thingId: 'i5', copies: 1, conflicts: 1 })
  })

  it('lets an installment wait for its movement', async () => {
    await world.tell(tenant, installmentEvent('i6', { movementId: 'm6' }))
    expect(await installments()).toMatchObject([{ installment_id: 'i6', is_waiting: true }])
    await world.tell(tenant, movementEvent('m6'))
    expect(await installments()).toMatchObject([{ installment_id: 'i6', is_waiting: false }])
  })

  it('keeps what was paid paid until somebody says otherwise', async () => {
    await world.tell(
      tenant,
      installmentEvent('i7'),
      installmentEvent('i7', { type: 'installment.paid', version: 2 }),
      installmentEvent('i7', { type: 'installment.updated', version: 3, dueOn: '2027-02-01' }),
    )
    expect(await installments()).toMatchObject([
      { version: 3, status: 'PAID', balance_cents: 0, due_on: '2027-02-01', has_paid_at: true },
    ])
    const reopened = { type: 'installment.updated', version: 4, status: 'OPEN' }
    await world.tell(tenant, installmentEvent('i7', reopened))
    expect(await installments()).toMatchObject([
      { version: 4, status: 'OPEN', balance_cents: 10_000, has_paid_at: false },
    ])
  })

  it('links who wrote first to the person that a movement names', async () => {
    const phone = freshPhone()
    const chat = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
    await world.owner.query(
      'update persons set external_id = null, external_id_hash = null where person_id = $1',
      [chat.person.personId],
    )
    const person = { externalId: 'novo', contacts: [whatsapp(phone)] }
    await world.tell(tenant, movementEvent('m8', { person }))
    const { rows } = await world.owner.query(
      'select person_id::text from movements where tenant_id = $1',
      [tenant.tenantId],
    )
    expect(rows).toEqual([{ person_id: chat.person.personId }])
  })

  it('leaves a contact with the other person who has it, and says so', async () => {
    const phone = freshPhone()
    await openChat(world, tenant, { contacts: [whatsapp(phone)], externalId: 'dono' })
    const mine = freshPhone()
    const event = movementEvent('m9', {
      person: { externalId: 'outro', contacts: [whatsapp(phone), whatsapp(mine)] },
    })
    expect(await world.tell(tenant, event)).toMatchObject({ applied: 1, contactsTaken: 1 })
    expect(await outcomeOf(event)).toMatchObject({ outcome: 'applied', notice: 'contact-taken' })
    expect(await movements()).toMatchObject([{ movement_id: 'm9', contacts: 1 }])
  })

  it('shows a person who cannot be reached', async () => {
    const event = movementEvent('m10')
    await world.tell(tenant, event)
    expect(await outcomeOf(event)).toMatchObject({ outcome: 'applied', notice: 'no-contacts' })
  })

  it('stores nothing of what is told later of the debts of who was erased', async () => {
    const person = { externalId: 'esquecido', name: 'Ana', contacts: [whatsapp(freshPhone())] }
    const told = (version: number) => [
      movementEvent('m20', { version, person }),
      installmentEvent('i20', { movementId: 'm20', version, paymentLink: 'https://p.example/1' }),
    ]
    await world.tell(tenant, ...told(1))
    const rowsOf = async (sql: string) => (await world.owner.query(sql, [tenant.tenantId])).rows
    await rowsOf('select mark_erased_v1($1, person_id) from movements where tenant_id = $1')
    await rowsOf('update movements set details = null where tenant_id = $1')
    await rowsOf('update installments set details = null where tenant_id = $1')
    const next = installmentEvent('i21', { movementId: 'm20', paymentLink: 'https://p.example/2' })
    expect(await world.tell(tenant, ...told(2), next)).toMatchObject({ applied: 3, stale: 0 })
    expect(
      await rowsOf(
        `select m.version::int, m.details as told, i.details as paid_by, p.name, p.external_id
         from movements m join installments i using (tenant_id, movement_id)
         join persons p using (tenant_id, person_id) where tenant_id = $1`,
      ),
    ).toEqual(
      Array(2).fill({ version: 2, told: null, paid_by: null, name: null, external_id: null }),
    )
    expect(await rowsOf('select 1 from persons where tenant_id = $1')).toHaveLength(1)
    expect(await rowsOf('select 1 from contact_identities where tenant_id = $1')).toEqual([])
  })

  it('keeps two tenants apart', async () => {
    const other = await world.addTenant()
    const event = installmentEvent('same')
    await world.tell(tenant, event)
    expect(await world.tell(other, { ...event })).toMatchObject({ applied: 1, copies: 0 })
    expect(await installments(other)).toHaveLength(1)
    expect(await world.business.find(other, 'nobody')).toBeUndefined()
  })

  it('parks what nobody can read or knows, and applies the rest', async () => {
    const good = installmentEvent('i11')
    const { tenantId } = tenant
    const outcome = await world.bring({ tenantId, event: { ...good, schemaVersion: 2 } }, 'text', {
      tenantId,
      event: good,
    })
    expect(outcome).toMatchObject({ events: 3, applied: 1, parkedStored: 2 })
    expect((await parked()).map(({ reason }) => reason).sort()).toEqual([
      'invalid-business-event',
      'tenant-unknown',
    ])
    expect(world.raised).toContain('BusinessEventParked')
  })

  it('has what the API took for a tenant that is not known here yet come again', async () => {
    const parkedBefore = await parked()
    const good = { tenantId: tenant.tenantId, event: installmentEvent('i12') }
    const next = { tenantId: '999999999', event: installmentEvent('i12') }
    await expect(world.bring(next, good)).rejects.toThrow('not known here yet')
    expect(await installments()).toMatchObject([{ installment_id: 'i12' }])
    expect(await parked()).toEqual(parkedBefore)
    expect(await world.bring(good)).toMatchObject({ applied: 0, copies: 1 })
  })

  it('finds whose an event of the bus is by its source, and parks an unknown one', async () => {
    const source = `erp.${tenant.tenantId}`
    const ofBus = (from: string, detail: ToldEvent) => ({
      version: '0',
      id: crypto.randomUUID(),
      'detail-type': detail.type,
      source: from,
      account: '111122223333',
      time: '2026-11-20T12:00:00Z',
      region: 'sa-east-1',
      resources: [],
      detail,
    })
    await world.owner.query('update tenants set event_source = $2 where tenant_id = $1', [
      tenant.tenantId,
      source,
    ])
    const outcome = await world.bring(
      ofBus(source, installmentEvent('i13')),
      ofBus('erp.nobody', installmentEvent('i14')),
    )
    expect(outcome).toMatchObject({ applied: 1, parkedStored: 1 })
    expect(await installments()).toMatchObject([{ installment_id: 'i13' }])
    const reasons = (await parked()).map(({ reason }) => reason)
    expect(reasons).toContain('source-unknown')
  })

  it('halves a batch that the database refuses, and parks the event at fault', async () => {
    const { tenantId } = tenant
    const events = ['i15', 'i16', 'i17', 'i18'].map((id) => ({
      tenantId,
      event: installmentEvent(id),
    }))
    await world.owner.query(
      `create or replace function refuse_poison() returns trigger language plpgsql as $$
       begin raise exception using errcode = '22P02'; end $$`,
    )
    await world.owner.query(
      `create trigger poison before insert on installments for each row
       when (new.installment_id = 'i15') execute function refuse_poison()`,
    )
    const outcome = await world.bring(...events)
    await world.owner.query('drop trigger poison on installments')
    expect(outcome).toMatchObject({ events: 4, applied: 3, parkedStored: 1 })
    expect(await parked()).toContainEqual({ reason: 'refused-22p02', channel: 'BILLING' })
    expect(await installments()).toHaveLength(3)
  })
})
