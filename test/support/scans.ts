import type pg from 'pg'
import type { CanaryScanner } from './canaries.ts'
import type { heldMessages } from './held.ts'

/** Meta's ids of messages hold the person's number in base64; they are kept as Meta gives them. */
const metaIds = /wamid\.[A-Za-z0-9+/=_-]+/g

/** What AWS writes into them is in clear: they have a key of their own instead. */
export const writtenByAws: readonly string[] = ['BUSINESS_BUS', 'EMAIL_EVENT', 'INBOUND_MAIL']

const rowsAtOnce = 2000

/** Scans every row of every table of a database, whatever its schema, but for Meta's ids. */
export async function scanDatabase(
  owner: pg.Pool,
  scanner: CanaryScanner,
): Promise<{ readonly tables: readonly string[]; readonly filled: readonly string[] }> {
  const { rows } = await owner.query(
    `select table_name as name, format('%I.%I', table_schema, table_name) as quoted
     from information_schema.tables
     where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'
     order by table_schema, table_name`,
  )
  const filled: string[] = []
  for (const { name, quoted } of rows) {
    let isFilled = false
    for await (const text of rowsOf(owner, quoted)) {
      isFilled = true
      scanner.scan(`table ${name}`, text.replaceAll(metaIds, 'wamid'))
    }
    if (isFilled) filled.push(name)
  }
  return { tables: rows.map(({ name }) => name), filled }
}

/** The rows of a table as text, as a dump has them, many at once. */
async function* rowsOf(owner: pg.Pool, table: string): AsyncGenerator<string> {
  const client = await owner.connect()
  try {
    await client.query('begin')
    await client.query(`declare dumped no scroll cursor for select t::text as row from ${table} t`)
    for (;;) {
      const { rows } = await client.query(`fetch ${rowsAtOnce} from dumped`)
      if (rows.length === 0) break
      yield rows.map(({ row }) => row).join('\n')
    }
    await client.query('commit')
  } finally {
    client.release()
  }
}

/** Scans what waits in queues, but for those that AWS writes into. Answers how many wait, by queue. */
export function scanQueues(
  held: Awaited<ReturnType<typeof heldMessages>>,
  scanner: CanaryScanner,
): Readonly<Record<string, number>> {
  const waiting: Record<string, number> = {}
  for (const [queue, messages] of held) {
    if (messages.length === 0) continue
    waiting[queue] = messages.length
    if (!writtenByAws.includes(queue)) scanner.scan(queue, JSON.stringify(messages))
  }
  return waiting
}

/** Scans log lines, of which some are metrics (EMF). */
export function scanLogs(
  texts: Iterable<string>,
  scanner: CanaryScanner,
): { readonly lines: number; readonly metrics: readonly string[] } {
  let lines = 0
  const metrics: string[] = []
  for (const text of texts) {
    for (const line of text.trim().split('\n')) {
      lines += 1
      const isMetric = line.includes('"_aws"')
      if (isMetric) metrics.push(line)
      scanner.scan(isMetric ? 'metrics' : 'logs', line)
    }
  }
  return { lines, metrics }
}

interface AnswerToScan {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Scans what programs were told: status, headers and body. */
export function scanAnswers(answers: readonly AnswerToScan[], scanner: CanaryScanner): void {
  for (const { status, headers, text } of answers) {
    scanner.scan('answers', `${status} ${JSON.stringify([...headers])}\n${text}`)
  }
}

/** Characters that were scanned, of all places. */
export function charactersOf({ scanned }: CanaryScanner): number {
  return Object.values(scanned).reduce((all, characters) => all + characters, 0)
}
