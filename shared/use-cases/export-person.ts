import { contentWords } from '../domain/content-words.ts'
import { toCsv } from '../domain/csv.ts'
import { exportFiles } from '../domain/privacy.ts'
import {
  type ExportedMessage,
  type ExportedRow,
  type ExportObjects,
  type ExportStore,
  exportParts,
  messageParts,
  type OpenObject,
} from '../ports/exports.ts'
import type { Job, JobResult } from '../ports/job-store.ts'

interface Parts {
  readonly exports: ExportStore
  readonly objects: ExportObjects
}

interface Whose {
  readonly tenantId: string
  readonly personId: string
}

type Open = Readonly<Record<keyof typeof exportFiles, OpenObject>>
type Counts = Record<string, number>

const contentTypes = { json: 'application/json', csv: 'text/csv; charset=utf-8' } as const

/**
 * Makes the copy of everything that is kept of a person: one document and one table of messages, both
 * written while they are read. A second run writes the same objects again.
 */
export function makeExportPerson({ exports, objects }: Parts) {
  return async (job: Job): Promise<JobResult> => {
    const name = { tenantId: job.tenantId, requestId: String(job.payload.requestId) }
    const begun = await exports.begin(name)
    if (begun.outcome === 'nothing') return { outcome: 'DONE' }
    const keyOf = (kind: keyof Open) => `${begun.objectKey}/${exportFiles[kind]}`
    const takeBack = async (): Promise<JobResult> => {
      await objects.delete([keyOf('json'), keyOf('csv')])
      await exports.refuse(name)
      return { outcome: 'DONE' }
    }
    if (begun.outcome === 'erased') return takeBack()
    const open = (kind: keyof Open) =>
      objects.open({ key: keyOf(kind), contentType: contentTypes[kind] })
    const whose = { tenantId: job.tenantId, personId: begun.personId }
    const counts = await writeWhole(exports, whose, { json: open('json'), csv: open('csv') })
    return (await exports.finish(name, counts)) ? { outcome: 'DONE' } : takeBack()
  }
}

async function writeWhole(exports: ExportStore, whose: Whose, open: Open): Promise<Counts> {
  try {
    const counts = await writePerson(exports, whose, open)
    await open.json.close()
    await open.csv.close()
    return counts
  } catch (error) {
    // What broke off says why; that it could not be cleared away as well says nothing more.
    await Promise.allSettled([open.json.abandon(), open.csv.abandon()])
    throw error
  }
}

/** A row after the other, so that the document is never in memory; answers how many rows there were. */
async function writePerson(exports: ExportStore, whose: Whose, open: Open): Promise<Counts> {
  const { tenantId, personId } = whose
  const counts: Counts = {}
  const chatIds: string[] = []
  await open.json.write(`{"format": "recado-person/2",\n"personId": ${JSON.stringify(personId)}`)
  for (const part of exportParts) {
    const list = beginList(open.json, part)
    for await (const row of exports.rows(tenantId, personId, part)) {
      await list.add(row)
      if (part === 'chats') chatIds.push(String(row.chatId))
    }
    counts[part] = await list.end()
  }
  Object.assign(counts, await writeMessages(messagesOf(exports, tenantId, chatIds), open))
  await open.json.write('}\n')
  return counts
}

async function* messagesOf(exports: ExportStore, tenantId: string, chatIds: readonly string[]) {
  for (const chatId of chatIds) yield* exports.messages(tenantId, chatId)
}

async function writeMessages(
  messages: AsyncIterable<ExportedMessage>,
  { json, csv }: Open,
): Promise<Counts> {
  const counts = { attempts: 0, statuses: 0 }
  await csv.write(toCsv([header]))
  const list = beginList(json, 'messages')
  for await (const message of messages) {
    await list.add(message)
    await csv.write(toCsv([lineOf(message)]))
    for (const part of messageParts) counts[part] += message[part].length
  }
  return { ...counts, messages: await list.end() }
}

function beginList(json: OpenObject, name: string) {
  let count = 0
  return {
    add: async (row: ExportedRow | ExportedMessage) => {
      const before = count === 0 ? `,\n"${name}": [\n` : ',\n'
      count += 1
      await json.write(`${before}${JSON.stringify(row)}`)
    },
    end: async () => {
      await json.write(count === 0 ? `,\n"${name}": []` : '\n]')
      return count
    },
  }
}

const columns = [
  ...['messageId', 'chatId', 'sequence', 'channel', 'direction', 'status', 'reason'],
  ...['createdAt', 'occurredAt', 'statusAt', 'editedAt', 'deletedAt'],
] as const satisfies readonly (keyof ExportedMessage)[]

const header = [...columns, 'contentType', 'content']

function lineOf(message: ExportedMessage): readonly string[] {
  const { content } = message
  return [
    ...columns.map((column) => message[column] ?? ''),
    content?.type ?? '',
    content === undefined ? '' : contentWords(content),
  ]
}
