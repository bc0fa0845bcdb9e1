import { toCsv } from '../domain/csv.ts'
import type { Message } from '../domain/message.ts'
import { exportFiles } from '../domain/privacy.ts'
import type { ErasableObjects } from '../ports/erasures.ts'
import { type ExportedRow, type ExportStore, exportParts } from '../ports/exports.ts'
import type { Job, JobResult } from '../ports/job-store.ts'
import type { MediaObjects } from '../ports/media-objects.ts'

interface Parts {
  readonly exports: ExportStore
  readonly objects: Pick<MediaObjects, 'write'> & ErasableObjects
}

interface Exported {
  readonly rows: Readonly<Record<string, readonly ExportedRow[]>>
  readonly messages: readonly Message[]
}

/**
 * Makes the copy of everything that is kept of a person: one document and one table of messages. A
 * second run writes the same objects again.
 */
export function makeExportPerson({ exports, objects }: Parts) {
  return async (job: Job): Promise<JobResult> => {
    const name = { tenantId: job.tenantId, requestId: String(job.payload.requestId) }
    const begun = await exports.begin(name)
    if (begun.outcome === 'nothing') return { outcome: 'DONE' }
    const keys = Object.values(exportFiles).map((file) => `${begun.objectKey}/${file}`)
    const takeBack = async (): Promise<JobResult> => {
      await objects.delete(keys)
      await exports.refuse(name)
      return { outcome: 'DONE' }
    }
    if (begun.outcome === 'erased') return takeBack()
    const { personId, objectKey } = begun
    const exported = await readPerson(exports, job.tenantId, personId)
    await write(objects, `${objectKey}/${exportFiles.json}`, documentOf(personId, exported))
    await write(objects, `${objectKey}/${exportFiles.csv}`, tableOf(exported.messages))
    return (await exports.finish(name, countsOf(exported))) ? { outcome: 'DONE' } : takeBack()
  }
}

async function readPerson(
  exports: ExportStore,
  tenantId: string,
  personId: string,
): Promise<Exported> {
  const rows: Record<string, readonly ExportedRow[]> = {}
  for (const part of exportParts) {
    rows[part] = await Array.fromAsync(exports.rows(tenantId, personId, part))
  }
  const messages: Message[] = []
  for (const { chatId } of rows.chats ?? []) {
    messages.push(...(await Array.fromAsync(exports.messages(tenantId, String(chatId)))))
  }
  return { rows, messages }
}

function documentOf(personId: string, { rows, messages }: Exported): string {
  return JSON.stringify({ format: 'recado-person/1', personId, ...rows, messages }, null, 1)
}

const columns = [
  ...['messageId', 'chatId', 'sequence', 'channel', 'direction', 'status', 'reason'],
  ...['createdAt', 'occurredAt', 'statusAt'],
] as const satisfies readonly (keyof Message)[]

function tableOf(messages: readonly Message[]): string {
  return toCsv([
    [...columns, 'contentType', 'content'],
    ...messages.map((message) => [
      ...columns.map((column) => message[column] ?? ''),
      message.content?.type ?? '',
      message.content?.type === 'text'
        ? message.content.text
        : JSON.stringify(message.content ?? ''),
    ]),
  ])
}

function countsOf({ rows, messages }: Exported): Readonly<Record<string, number>> {
  const counts = Object.entries(rows).map(([part, found]) => [part, found.length] as const)
  return { ...Object.fromEntries(counts), messages: messages.length }
}

async function write({ write: put }: Parts['objects'], key: string, body: string): Promise<void> {
  const bytes = Buffer.from(body)
  await put({
    key,
    contentType: key.endsWith('.csv') ? 'text/csv; charset=utf-8' : 'application/json',
    sizeBytes: bytes.length,
    body: (async function* () {
      yield bytes
    })(),
  })
}
