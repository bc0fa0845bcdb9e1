import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '#infra/local/postgres.ts'
import { settingOf, withUpkeep } from './campaign.ts'
import { runFastTier, type TierReport, wholeFastTier } from './fast-tier.ts'
import { judge } from './invariants.ts'
import { lives, readPlan, sqlLives } from './lives.ts'
import { reportLines, runRealTier } from './real/main.ts'
import { traceLife } from './report.ts'
import { buildMemorySystem } from './simulation/memory-system.ts'
import { type BuildSystem, type RunOptions, run } from './simulation/run.ts'
import type { Setting } from './simulation/setting.ts'
import { sqlSystem } from './sql/system.ts'
import { makeTemplates, type Server } from './sql/template.ts'
import { runSqlTier, wholeSqlTier } from './sql-tier.ts'

/**
 * `npm run faults -- [--tier fast|sql|real]`: a tier, or all. With `--seed N [--lives N]` or
 * `--life NAME --plan POINTS` one run of the first two again, with the life of what broke a rule.
 */
const { values } = parseArgs({
  options: {
    tier: { type: 'string' },
    seed: { type: 'string' },
    lives: { type: 'string' },
    life: { type: 'string' },
    plan: { type: 'string', default: '' },
    threads: { type: 'string', default: '2' },
    cut: { type: 'boolean', default: false },
  },
})
const isSql = values.tier === 'sql'

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function replayed(): Setting | undefined {
  if (values.life !== undefined) {
    const setting = lives[values.life] ?? sqlLives[values.life]
    if (setting === undefined) throw new Error(`there is no life "${values.life}"`)
    return { ...setting, plan: readPlan(values.plan) }
  }
  if (values.seed === undefined || values.tier === 'real') return undefined
  const livesPerRun = Number(values.lives ?? wholeFastTier.livesPerRun)
  const setting = settingOf(Number(values.seed), livesPerRun)
  return isSql ? withUpkeep(setting) : setting
}

async function replay(setting: Setting, build: BuildSystem, options: RunOptions): Promise<boolean> {
  const violations = judge(await run(setting, build, options))
  for (const { rule, text } of violations) print(`${rule}: ${text}`)
  const ids = violations[0]?.ids ?? []
  if (ids.length > 0 && !isSql) print(await traceLife(setting, build, { ...options, ids }))
  if (violations.length === 0) print('no violation')
  return violations.length === 0
}

async function replayOnSql(setting: Setting, server: Server): Promise<boolean> {
  const templates = await makeTemplates(server)
  const database = await templates.open()
  const isGood = await replay(setting, sqlSystem(database), { onTime: database.setTime })
  await database.close()
  await templates.close()
  return isGood
}

async function onServer<T>(work: (server: Server) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'recado-faults-'))
  const postgres = await startPostgres({ directory, port: 0 })
  try {
    return await work(postgres)
  } finally {
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

function told({ text, isGood }: TierReport): boolean {
  print(text)
  return isGood
}

async function runFast(): Promise<boolean> {
  const lives = Number(values.lives ?? wholeFastTier.lives)
  return told(await runFastTier({ ...wholeFastTier, lives, threads: Number(values.threads) }))
}

function runSql(): Promise<boolean> {
  const lives = Number(values.lives ?? wholeSqlTier.lives)
  const livesPerRun = Math.min(lives, wholeSqlTier.livesPerRun)
  return onServer(async (server) =>
    told(await runSqlTier(server, { ...wholeSqlTier, lives, livesPerRun })),
  )
}

async function runReal(): Promise<boolean> {
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
  const report = await runRealTier({ seed, isCut: values.cut, say: print })
  print(reportLines(report).join('\n'))
  return report.isGood
}

const tiers: Readonly<Record<string, () => Promise<boolean>>> = {
  fast: runFast,
  sql: runSql,
  real: runReal,
}

async function whole(): Promise<boolean> {
  const wanted = values.tier === undefined ? Object.keys(tiers) : [values.tier]
  let isGood = true
  for (const name of wanted) {
    const tier = tiers[name]
    if (tier === undefined) throw new Error(`there is no tier "${name}"`)
    isGood = (await tier()) && isGood
  }
  return isGood
}

async function main(): Promise<boolean> {
  const setting = replayed()
  if (setting === undefined) return whole()
  return isSql
    ? onServer((server) => replayOnSql(setting, server))
    : replay(setting, buildMemorySystem, {})
}

process.exitCode = (await main()) ? 0 : 1
