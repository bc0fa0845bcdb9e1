import type { Violation } from './invariants.ts'
import { open } from './invariants.ts'
import { type BuildSystem, type RunOptions, run } from './simulation/run.ts'
import type { Setting } from './simulation/setting.ts'

/** What broke the rules, and how to see it again. */
export interface Failure {
  /** Arguments of `npm run faults --`. */
  readonly replay: string
  readonly violations: readonly Violation[]
}

const mostLines = 60

/** Names each failure with its replay. */
export function describeFailures(failures: readonly Failure[]): string {
  return failures
    .slice(0, 10)
    .map(({ replay, violations }) => {
      const rules = violations.slice(0, 5).map(({ rule, text }) => `  ${rule}: ${text}`)
      return `npm run faults -- ${replay}\n${rules.join('\n')}`
    })
    .join('\n')
}

/** Runs a setting again and tells the life of what broke a rule. */
export async function traceLife(
  setting: Setting,
  build: BuildSystem,
  { ids, ...options }: RunOptions & { readonly ids: readonly string[] },
): Promise<string> {
  const lines: { at: number; line: string }[] = []
  const evidence = await run(setting, build, {
    ...options,
    onTrace: (at, line) => lines.push({ at, line }),
  })
  const { attemptsOf } = open(evidence)
  const names = new Set(ids)
  for (const id of ids) {
    for (const { attemptId, providerMessageId } of attemptsOf.get(id) ?? []) {
      names.add(attemptId).add(providerMessageId ?? attemptId)
    }
  }
  const keys = evidence.ledgers.posts
    .filter(({ answers }) => answers.some(({ messageId }) => names.has(messageId ?? '')))
    .map(({ key }) => `(${key})`)
  const changes = evidence.rows.statusHistory
    .filter(({ messageId }) => names.has(messageId))
    .map(({ at, from, to, messageId }) => ({
      at,
      line: `message ${messageId}: ${from ?? 'new'} -> ${to}`,
    }))
  const tasks = evidence.rows.tasks
    .filter(({ messageId }) => names.has(messageId))
    .map(({ taskId }) => `"taskId":"${taskId}"`)
  const wanted = [...names, ...keys, ...tasks].filter((name) => name.length > 6)
  const start = lines[0]?.at ?? 0
  return [...lines.filter(({ line }) => wanted.some((name) => line.includes(name))), ...changes]
    .sort((one, other) => one.at - other.at)
    .slice(0, mostLines)
    .map(({ at, line }) => `${((at - start) / 1000).toFixed(3).padStart(10)} s  ${line}`)
    .join('\n')
}
