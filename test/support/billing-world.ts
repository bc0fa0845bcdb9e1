import { makeBusinessEventStore } from '#shared/adapters/database/business-event-store.ts'
import { makeKmsDataKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { readBusinessItem } from '#shared/contracts/business-event-items.ts'
import type { BusinessEventStore } from '#shared/ports/business-event-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import {
  type BusinessOutcome,
  makeApplyBusinessEvents,
} from '#shared/use-cases/apply-business-events.ts'
import { openPostgresWorld, type PostgresWorld } from './stores.ts'
import { type Accepted, accept, fresh, openChat, type WorldTenant } from './stores-world.ts'

/** An event as a finance system tells it. */
export type ToldEvent = Readonly<Record<string, unknown>>

/** The stores in PostgreSQL, with finance systems that tell of movements and installments. */
export interface BillingWorld extends PostgresWorld {
  readonly business: BusinessEventStore
  readonly wakes: Wake[]
  readonly signalled: string[]
  /** Names of the alerts that were raised. */
  readonly raised: string[]
  /** As the queue brings them: one batch. */
  bring(...items: readonly unknown[]): Promise<BusinessOutcome>
  /** Events of a tenant that came by the API. */
  tell(tenant: WorldTenant, ...events: readonly ToldEvent[]): Promise<BusinessOutcome>
  /** A message about an installment, as the rules of reminders would decide upon it. */
  remind(
    tenant: WorldTenant,
    chatId: string,
    debt: { readonly installmentId: string; readonly decision?: object },
  ): Promise<Accepted>
}

export async function openBillingWorld(): Promise<BillingWorld> {
  const world = await openPostgresWorld()
  const wakes: Wake[] = []
  const signalled: string[] = []
  const raised: string[] = []
  const business = makeBusinessEventStore({
    database: world.dataApi,
    sealer: world.sealer,
    transit: makeTransitSealer(makeKmsDataKeys(world.kmsClient, world.kms.keyArn), systemClock),
    randomness: systemRandomness,
    waits: world.waits,
  })
  const apply = makeApplyBusinessEvents({
    events: business,
    directory: world.directory,
    queue: {
      wake: async (given) => {
        wakes.push(...given)
        return { failed: 0 }
      },
    },
    signal: {
      signal: async (tenantIds) => void signalled.push(...tenantIds),
      again: async () => undefined,
    },
    alerts: { raise: (name) => void raised.push(name) },
  })
  const bring = (...items: readonly unknown[]) => apply(items.map(readBusinessItem))
  return {
    ...world,
    business,
    wakes,
    signalled,
    raised,
    bring,
    tell: ({ tenantId }, ...events) => bring(...events.map((event) => ({ tenantId, event }))),
    remind: async (tenant, chatId, { installmentId, decision = {} }) => {
      const message = await accept(world, tenant, { chatId })
      await world.owner.query(
        `update chat_messages set installment_id = $3, installment_version = 1, decision = $4
         where tenant_id = $1 and message_id = $2`,
        [tenant.tenantId, message.messageId, installmentId, JSON.stringify(decision)],
      )
      return message
    },
  }
}

/** A chat of somebody whom no test knows. */
export const someChat = (world: BillingWorld, tenant: WorldTenant) => openChat(world, tenant)

const head = (type: string, version: number) => ({
  eventId: fresh('evt'),
  type,
  version,
  occurredAt: '2026-11-20T12:00:00Z',
  schemaVersion: 1,
})

/** A right event of a movement; `more` replaces parts of the movement. */
export function movementEvent(
  movementId: string,
  {
    type = 'movement.created',
    version = 1,
    ...more
  }: { readonly type?: string; readonly version?: number } & Record<string, unknown> = {},
): ToldEvent {
  return {
    ...head(type, version),
    movement: {
      movementId,
      description: 'Mensalidade de novembro',
      companyName: 'Escola Exemplo',
      amountCents: 30_000,
      currency: 'BRL',
      person: { externalId: `pagador-${movementId}`, name: 'Ana Lima', contacts: [] },
      ...more,
    },
  }
}

/** A right event of an installment; `more` replaces parts of the installment. */
export function installmentEvent(
  installmentId: string,
  {
    type = 'installment.created',
    version = 1,
    ...more
  }: { readonly type?: string; readonly version?: number } & Record<string, unknown> = {},
): ToldEvent {
  return {
    ...head(type, version),
    installment: {
      installmentId,
      movementId: `mov-${installmentId}`,
      number: 1,
      total: 3,
      dueOn: '2026-12-10',
      amountCents: 10_000,
      ...(type === 'installment.paid' && { paidAt: '2026-11-21T10:00:00Z' }),
      ...more,
    },
  }
}

/** What is clear of a tenant's installments, by id. */
export async function storedInstallments(world: BillingWorld, of: WorldTenant) {
  const { rows } = await world.owner.query(
    `select installment_id, version::int, status, due_on::text, balance_cents::int,
       is_waiting, paid_at is not null as has_paid_at
     from installments where tenant_id = $1 order by installment_id`,
    [of.tenantId],
  )
  return rows
}

export async function storedMovements(world: BillingWorld, of: WorldTenant) {
  const { rows } = await world.owner.query(
    `select m.movement_id, m.version::int, m.status, m.amount_cents::int,
       (select count(*)::int from contacts c where c.person_id = m.person_id) as contacts
     from movements m where m.tenant_id = $1 order by m.movement_id`,
    [of.tenantId],
  )
  return rows
}
