import { randomBytes, randomUUID } from 'node:crypto'
import { makeAdministration } from '#shared/adapters/database/administration.ts'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import { defaultPolicy } from '#shared/domain/dunning/policy.ts'
import { durations } from '#shared/domain/durations.ts'
import type { DunningRules } from '#shared/ports/dunning-store.ts'
import type { TenantSealer } from '#shared/ports/sealer.ts'
import type { TenantKeys } from '#shared/ports/tenant-keys.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import type { VirtualDatabase } from '#test/faults/sql/template.ts'

/** Keys that need no key service: what is under test here are the rows. */
const localKeys: TenantKeys = {
  create: async () => randomBytes(32),
  unwrap: async (_tenantId, _purpose, wrapped) => wrapped,
}

export interface LadderTenant {
  readonly tenantId: string
  readonly sealer: TenantSealer
  readonly parts: Awaited<ReturnType<typeof partsOf>>
}

/** A tenant with a sender on each channel, and the default steps' templates. */
export async function addLadderTenant(
  database: VirtualDatabase,
  company: DunningRules['company'],
): Promise<LadderTenant> {
  const administration = makeAdministration(database.ownerApi, localKeys)
  const tenantId = await administration.addTenant({
    name: company.name,
    serviceWindow: 'enforced',
  })
  const name = randomUUID()
  const sender = { tenantId, isDefault: true } as const
  await administration.addSender({
    ...sender,
    channel: 'WHATSAPP',
    phoneNumberId: `number-${name}`,
    wabaId: `account-${name}`,
    secretName: 'secret',
  })
  await administration.addSender({
    ...sender,
    channel: 'EMAIL',
    mail: {
      fromAddress: `cobranca@${name}.example.com`,
      fromName: undefined,
      replyDomain: undefined,
      configurationSet: undefined,
      unsubscribeUrl: undefined,
    },
  })
  await database.owner.query(
    'update tenants set time_zone = $2, state = $3, city = $4 where tenant_id = $1',
    [tenantId, company.timeZone, company.state, company.city],
  )
  await database.owner.query('update senders set rate_per_second = 10000 where tenant_id = $1', [
    tenantId,
  ])
  await addTemplates(database, tenantId)
  const parts = await partsOf(database)
  return { tenantId, parts, sealer: await parts.sealer.forTenant(tenantId) }
}

async function addTemplates({ owner }: VirtualDatabase, tenantId: string): Promise<void> {
  for (const { template } of defaultPolicy.steps) {
    await owner.query(
      `insert into templates (tenant_id, name, channel, language, version, source, variables,
         category, provider_name, provider_language, shape)
       select $1, $2::varchar, c.channel, 'pt-BR', 1, '{}', '["movementAmount", "dueDate"]',
         case c.channel when 'EMAIL' then 'transactional' end,
         case c.channel when 'WHATSAPP' then $2::varchar end, case c.channel when 'WHATSAPP' then 'pt_BR' end,
         case c.channel when 'WHATSAPP' then '{}'::jsonb end
       from (values ('WHATSAPP'), ('EMAIL')) c (channel)`,
      [tenantId, template],
    )
  }
}

async function partsOf(database: VirtualDatabase) {
  const directory = makeDirectory(database.dataApi, systemClock)
  return {
    database: database.dataApi,
    sealer: makeSealer(directory, localKeys, systemClock),
    randomness: systemRandomness,
    waits: durations(),
  }
}
