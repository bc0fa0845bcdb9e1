import { parseArgs } from 'node:util'
import { memoryLadder } from './memory/system.ts'
import { company, playYear } from './year.ts'

/** `npm run year`: a simulated year of a tenant, in memory. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    installments: { type: 'string', default: '10000' },
    days: { type: 'string', default: '365' },
    'start-on': { type: 'string', default: '2026-01-01' },
  },
})

const startedAt = performance.now()
const figures = await playYear(
  {
    seed: Number(values.seed),
    installments: Number(values.installments),
    startOn: values['start-on'],
    days: Number(values.days),
  },
  memoryLadder(company),
)
const seconds = Math.round((performance.now() - startedAt) / 1000)
const { broken, ends, events, taken, digest } = figures
const lines = [
  `${events} events, ${taken} messages taken, ${seconds} s, digest ${digest}`,
  ...Object.entries(ends)
    .sort()
    .map(([end, count]) => `${String(count).padStart(8)}  ${end}`),
  `broken rules: ${broken.length}`,
  ...broken.slice(0, 20).map((words) => `  ${words}`),
]
process.stdout.write(`${lines.join('\n')}\n`)
process.exitCode = broken.length === 0 ? 0 : 1
