import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { judgeBy } from '../support/api-schema.ts'
import { faultsOf } from './checks.ts'
import { type FuzzedOperation, type Json, operationsOf } from './operations.ts'
import { FuzzReport } from './report.ts'
import { type Draft, draftsOf } from './requests.ts'
import { askSchemathesis } from './schemathesis.ts'
import { learnFrom, outgoing, send } from './sending.ts'
import { type FuzzWorld, startFuzzWorld } from './world.ts'

/**
 * `npm run fuzz [-- --requests 500 --seed N --only operationId]`: sends every operation of
 * docs/openapi.json requests made of the document, to a stack of its own, and holds every answer
 * against the document; then asks Schemathesis for a second opinion. Exit code 1 when an answer
 * breaks a rule.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '500' },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
})
const requests = Number(values.requests)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
/** Keeps two cores busy; more would only start more copies of each function. */
const atOnce = 3

interface Job {
  readonly operation: FuzzedOperation
  readonly draft: Draft
}

const document = JSON.parse(await readFile('docs/openapi.json', 'utf8')) as Json
const operations = operationsOf(document).filter(
  ({ id }) => values.only === undefined || values.only === id,
)
const names = [
  ...new Set(
    operationsOf(document).flatMap(({ parameters }) =>
      parameters.filter((each) => each.in !== 'header').map(({ name }) => name),
    ),
  ),
].filter((name) => /Id$|^(name|language|cursor)$/.test(name))

const world = await startFuzzWorld(names)
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => void world.stop().then(() => process.exit(1)))
}
try {
  const report = await fuzz(world)
  for (const line of report.lines()) process.stdout.write(`${line}\n`)
  const second = values.only === undefined ? await askSchemathesis(world, seed) : 'skipped'
  process.stdout.write(`schemathesis: ${second}\n`)
  process.exitCode = report.faults === 0 && second !== 'failed' ? 0 : 1
} finally {
  await world.stop()
}

async function fuzz(against: FuzzWorld): Promise<FuzzReport> {
  const report = new FuzzReport(seed)
  const judge = judgeBy(document)
  const jobs = interleaved(operations)
  const work = async () => {
    for (let job = jobs.next(); !job.done; job = jobs.next()) {
      const { operation, draft } = job.value
      const request = outgoing(operation, draft, against)
      const answer = await send(against.api, request)
      learnFrom(answer, request, against)
      const asked = { bearer: draft.bearer, whose: request.whose }
      const faults = faultsOf(operation, { asked, answer }, { judge, marker: against.marker })
      report.add({ operation, request, answer, faults })
      if (report.requests % 1000 === 0) process.stderr.write(`${report.requests} requests\n`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return report
}

/** One request of each operation in turn, so that what some make others can use. */
function* interleaved(all: readonly FuzzedOperation[]): Generator<Job, undefined> {
  const context = { document, nameFor: (field: string) => against(field) }
  const drafts = all.map((operation, index) => ({
    operation,
    made: fc.sample(draftsOf(operation, context), { seed: seed + index, numRuns: requests }),
  }))
  for (let round = 0; round < requests; round += 1) {
    for (const { operation, made } of drafts) {
      const draft = made[round]
      if (draft !== undefined) yield { operation, draft }
    }
  }
  return undefined
}

function against(field: string): string | undefined {
  return world.own.nameFor(field)
}
