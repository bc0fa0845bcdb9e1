import { randomUUID } from 'node:crypto'
import { sealIdentity } from '#shared/adapters/database/sealed-cells.ts'
import { defaultPolicy } from '#shared/domain/dunning/policy.ts'
import type { VirtualDatabase } from '#test/faults/sql/template.ts'
import { postgresLadder } from './postgres/system.ts'
import type { LadderTenant } from './postgres/tenant.ts'
import { planLooks } from './system.ts'
import { company, makeRunner } from './year.ts'

export interface DayFigures {
  /** By what was called, e.g. `claim_dunning_v1`. */
  readonly calls: Readonly<Record<string, number>>
  readonly total: number
  readonly sent: number
  /** Steps that wait, were left out or went. */
  readonly decided: number
  /** Of the largest request. */
  readonly mostRequestBytes: number
}

interface Portfolio {
  readonly debts: number
  /** They are due within so many days around today. */
  readonly days: number
  /** Default: 60 days ago. */
  readonly createdDaysAgo?: number
}

const today = '2026-11-25'

/** So many debts of as many people, looked at on one day. */
export async function evaluateDay(
  database: VirtualDatabase,
  portfolio: Portfolio,
): Promise<DayFigures> {
  let mostRequestBytes = 0
  const calls: Record<string, number> = {}
  const counted: VirtualDatabase = {
    ...database,
    dataApi: {
      ...database.dataApi,
      query: (sql, parameters) => {
        const name = /(\w+_v\d+)\(/.exec(sql)?.[1] ?? 'other'
        calls[name] = (calls[name] ?? 0) + 1
        mostRequestBytes = Math.max(mostRequestBytes, JSON.stringify({ parameters }).length)
        return database.dataApi.query(sql, parameters)
      },
    },
  }
  const startAt = Date.parse(`${today}T00:10:00-03:00`)
  const ladder = await postgresLadder(counted, { company, startAt })
  await fill(database, ladder.tenant, portfolio)
  await ladder.setPolicy({ ...defaultPolicy, enabled: true })
  for (const name of Object.keys(calls)) delete calls[name]
  const run = makeRunner(ladder, () => startAt)
  await planLooks(ladder)
  for (let due = await ladder.dueJobs(); due.length > 0; due = await ladder.dueJobs()) {
    for (const job of due) await run([job])
  }
  const rows = await ladder.rows()
  return {
    calls: { ...calls },
    total: Object.values(calls).reduce((sum, count) => sum + count, 0),
    sent: rows.filter(({ state }) => state === 'SENT').length,
    decided: rows.length,
    mostRequestBytes,
  }
}

/** Cells are bound to their row's token: with one token for all, one cell opens everywhere. */
async function fill(
  { owner }: VirtualDatabase,
  { tenantId, sealer }: LadderTenant,
  { debts, days, createdDaysAgo = 60 }: Portfolio,
): Promise<void> {
  const rowToken = randomUUID()
  const name = sealer.seal(
    { table: 'persons', column: 'name', rowToken },
    'Ana Maria de Souza Lima',
  )
  const movement = JSON.stringify({
    description: 'Mensalidade de novembro de 2026',
    companyName: 'Escola Aurora Ltda.',
    nfseLink: 'https://nfse.example.com/notas/2026/11/0001042',
  })
  const installment = JSON.stringify({
    paymentLink: 'https://pague.example.com/parcelas/0001042',
    pixCode: `00020126580014br.gov.bcb.pix0136${rowToken}5204000053039865406100.005802BR5913Escola Aurora6009SAO PAULO62070503***6304ABCD`,
    boletoLine: '00190.50095 40144.816069 06809.350314 3 37370000000100',
  })
  const cell = (table: string, text: string) =>
    sealer.seal({ table, column: 'details', rowToken }, text)
  const { value } = sealIdentity(sealer, { kind: 'phone', value: '+5511987654321', rowToken })
  const insert = (sql: string, values: readonly unknown[]) =>
    owner.query(sql, [tenantId, rowToken, debts, ...values])
  await insert(
    `insert into persons (tenant_id, person_id, name, row_token) overriding system value
     select $1, g, $4, $2 from generate_series(1, $3::integer) g`,
    [name],
  )
  await insert(
    `with made as (
       insert into contacts (tenant_id, person_id, channel)
       select $1, g, 'WHATSAPP' from generate_series(1, $3::integer) g returning contact_id)
     insert into contact_identities
       (tenant_id, contact_id, channel, kind, value_hash, value, row_token)
     select $1, contact_id, 'WHATSAPP', 'phone', decode(md5(contact_id::text), 'hex'),
       decode($4, 'base64'), $2 from made`,
    [value],
  )
  await insert(
    `insert into movements (tenant_id, movement_id, version, person_id, status, amount_cents,
       currency, details, row_token, occurred_at, created_at)
     select $1, 'movement-' || g, 1, g, 'OPEN', 10000, 'BRL', $4, $2, now(),
       now() - $5::integer * interval '1 day'
     from generate_series(1, $3::integer) g`,
    [cell('movements', movement), createdDaysAgo],
  )
  await insert(
    `insert into installments (tenant_id, installment_id, movement_id, version, number, total,
       due_on, amount_cents, balance_cents, status, details, row_token, occurred_at)
     select $1, 'installment-' || g, 'movement-' || g, 1, 1, 1, $6::date + (g % $5::integer)
       - $5::integer / 2, 10000, 10000, 'OPEN', $4, $2, now()
     from generate_series(1, $3::integer) g`,
    [cell('installments', installment), days, today],
  )
  await owner.query('analyze')
}
