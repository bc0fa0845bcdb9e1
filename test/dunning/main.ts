import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '#infra/local/postgres.ts'
import { instantOf } from '#shared/domain/dunning/zoned-time.ts'
import { makeTemplates, type VirtualDatabase } from '#test/faults/sql/template.ts'
import { memoryLadder } from './memory/system.ts'
import { evaluateDay } from './portfolio.ts'
import { postgresLadder } from './postgres/system.ts'
import type { YearSetting } from './timeline.ts'
import { company, playYear, type YearFigures } from './year.ts'

/**
 * `npm run year`: a simulated year of a tenant, in memory; with `--on postgres` on the SQL functions;
 * with `--debts N` the calls of one day's looks at so many debts.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    installments: { type: 'string', default: '10000' },
    days: { type: 'string', default: '365' },
    'start-on': { type: 'string', default: '2026-01-01' },
    on: { type: 'string', default: 'memory' },
    debts: { type: 'string' },
  },
})
const setting: YearSetting = {
  seed: Number(values.seed),
  installments: Number(values.installments),
  startOn: values['start-on'],
  days: Number(values.days),
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function printYear({ broken, ends, events, taken, digest }: YearFigures): void {
  print(`${events} events, ${taken} messages taken, digest ${digest}`)
  for (const [end, count] of Object.entries(ends).sort()) {
    print(`${String(count).padStart(8)}  ${end}`)
  }
  print(`broken rules: ${broken.length}`)
  for (const words of broken.slice(0, 20)) print(`  ${words}`)
  process.exitCode = broken.length === 0 ? 0 : 1
}

async function onPostgres(work: (database: VirtualDatabase) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'recado-year-'))
  const server = await startPostgres({ port: 0, directory })
  const templates = await makeTemplates(server)
  const database = await templates.open()
  try {
    await work(database)
  } finally {
    await database.close()
    await templates.close()
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

const startedAt = performance.now()
if (values.debts !== undefined) {
  const debts = Number(values.debts)
  await onPostgres(async (database) => {
    const { calls, total, sent, decided } = await evaluateDay(database, { debts, days: 120 })
    print(`${debts} debts: ${total} calls, one for ${Math.floor(debts / total)}; ${sent} sent`)
    print(`${decided} steps decided; ${JSON.stringify(calls)}`)
  })
} else if (values.on === 'postgres') {
  const startAt = instantOf({ day: setting.startOn, minutes: 0 }, company.timeZone)
  await onPostgres(async (database) => {
    printYear(await playYear(setting, await postgresLadder(database, { company, startAt })))
  })
} else {
  printYear(await playYear(setting, memoryLadder(company)))
}
print(`${Math.round((performance.now() - startedAt) / 1000)} s`)
