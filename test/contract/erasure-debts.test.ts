import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { media } from '#test/contract/rows/old-rows.ts'
import {
  type BillingWorld,
  installmentEvent,
  movementEvent,
  openBillingWorld,
} from '#test/support/billing-world.ts'
import { fresh, openChat, send, type WorldTenant } from '#test/support/stores-world.ts'

/** What finance systems tell of somebody before and after an erasure. */
describe('an erasure, of debts', () => {
  let world: BillingWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openBillingWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const rows = async (sql: string, ...values: readonly unknown[]) =>
    (await world.owner.query(sql, [tenant.tenantId, ...values])).rows

  /** A movement and an installment of it; answers whose they are. */
  async function owes(id: string, more: Record<string, unknown> = {}): Promise<string> {
    const installment = installmentEvent(id, {
      paymentLink: 'https://pague.example.com/1',
      ...more,
    })
    await world.tell(tenant, movementEvent(`mov-${id}`), installment)
    const [movement] = await rows(
      'select person_id::text as person from movements where tenant_id = $1 and movement_id = $2',
      `mov-${id}`,
    )
    return movement.person
  }

  /** All steps; answers the files that it named. */
  async function erase(personId: string): Promise<readonly string[]> {
    const [{ request }] = await rows(
      "select request::text from plan_privacy_v1($1, $2, 'ERASURE', null)",
      personId,
    )
    const named: string[] = []
    let mediaIds: string[] = []
    for (let steps = 0; steps < 10; steps += 1) {
      const input = {
        ...{ tenantId: tenant.tenantId, requestId: request, limit: 500 },
        ...{ backupDays: 35, rawMailDays: 30, queueDays: 14 },
        deleted: { mediaIds, exportIds: [], rawMailIds: [] },
      }
      const { rows: answers } = await world.owner.query('select * from erase_person_v2($1)', [
        JSON.stringify(input),
      ])
      if (answers[0].outcome !== 'more') break
      const objects = JSON.parse(answers[0].objects) as readonly { mediaId: string }[]
      mediaIds = objects.map(({ mediaId }) => mediaId)
      named.push(...mediaIds)
    }
    expect(
      await rows(
        'select state from privacy_requests where tenant_id = $1 and request_id = $2',
        request,
      ),
    ).toEqual([{ state: 'DONE' }])
    return named
  }

  const details = (id: string) =>
    rows(
      `select details is not null as kept from installments
       where tenant_id = $1 and installment_id = $2`,
      id,
    )

  it('is not undone by what is told of an installment afterwards', async () => {
    const [id, late] = [fresh('par'), fresh('par')]
    await erase(await owes(id))
    expect(await details(id)).toEqual([{ kept: false }])
    const told = { movementId: `mov-${id}`, paymentLink: 'https://pague.example.com/2' }
    await world.tell(
      tenant,
      installmentEvent(id, { type: 'installment.updated', version: 2, ...told }),
      installmentEvent(late, told),
    )
    expect(await details(id)).toEqual([{ kept: false }])
    expect(await details(late)).toEqual([{ kept: false }])
    expect(
      await rows(
        'select version::int from installments where tenant_id = $1 and installment_id = $2',
        id,
      ),
    ).toEqual([{ version: 2 }])
  })

  it('takes the document of an installment that never was sent, unless it is of others too', async () => {
    const [own, both] = [await media(world.owner, tenant), await media(world.owner, tenant)]
    const [first, second, other] = [fresh('par'), fresh('par'), fresh('par')]
    const person = await owes(first, { documentMediaId: own.mediaId })
    await world.tell(
      tenant,
      installmentEvent(second, { movementId: `mov-${first}`, documentMediaId: both.mediaId }),
    )
    const others = await owes(other, { documentMediaId: both.mediaId })
    expect(await erase(person)).toEqual([own.mediaId])
    expect(await erase(others)).toEqual([both.mediaId])
    expect(
      await rows(
        'select count(*)::int as erased from media where tenant_id = $1 and erased_at is not null',
      ),
    ).toEqual([{ erased: 2 }])
  })

  it('takes events that nobody could read and that name the person', async () => {
    const id = fresh('par')
    const person = await owes(id)
    const bad = (movementId: string, more: Record<string, unknown>) => ({
      tenantId: tenant.tenantId,
      event: { ...movementEvent(movementId, more), schemaVersion: 7 },
    })
    const contacts = [{ channel: 'EMAIL', address: 'de.ninguem@example.com' }]
    await world.bring(
      bad(`mov-${id}`, {}),
      bad(fresh('mov'), { person: { externalId: fresh('other'), contacts } }),
    )
    const parked = () =>
      rows(
        `select reason, cardinality(authors) as named from parked_items where tenant_id = $1
         order by named`,
      )
    const reason = 'invalid-business-event'
    expect(await parked()).toEqual([
      { reason, named: 1 },
      { reason, named: 2 },
    ])
    await erase(person)
    expect(await parked()).toEqual([{ reason, named: 2 }])
  })

  it('takes a file that was sent to several with the last of them', async () => {
    const { mediaId } = await media(world.owner, tenant)
    const persons: string[] = []
    for (let each = 0; each < 2; each += 1) {
      const { chatId, person } = await openChat(world, tenant)
      await send(world, tenant, chatId)
      persons.push(person.personId)
    }
    await rows(
      `update tasks set payload = $2, state = 'DONE'
       where tenant_id = $1 and type = 'MESSAGE_SEND'`,
      JSON.stringify({ mediaIds: [mediaId] }),
    )
    const named: (readonly string[])[] = []
    for (const personId of persons) named.push(await erase(personId))
    expect(named).toEqual([[], [mediaId]])
  })
})
