import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Luck } from '../simulation/luck.ts'

/** Chances of what befalls calls to SQS; per entry where entries exist. */
export interface QueueFaults {
  /** The entry comes back in `Failed`. */
  readonly refused: number
  /** A wake-up is answered as taken and forgotten. */
  readonly lost: number
  /** The entry is queued twice. */
  readonly twice: number
  /** The entry is delivered up to `mostDelaySeconds` late. */
  readonly late: number
  /** The call is executed and its connection reset before the answer. */
  readonly answerLost: number
}

export interface QueueRoad {
  readonly url: string
  readonly counts: Readonly<Record<keyof QueueFaults, number>>
  set(faults: QueueFaults | undefined): void
  close(): Promise<void>
}

interface Entry {
  readonly Id: string
  readonly DelaySeconds?: number
  readonly MessageBody?: string
}

interface Batch {
  readonly QueueUrl: string
  readonly Entries: readonly Entry[]
}

interface Reply {
  readonly status: number
  readonly text: string
}

interface BatchAnswer {
  readonly Successful?: readonly { readonly Id: string }[]
  readonly Failed?: readonly object[]
}

const mostDelaySeconds = 5
/** A chunk of webhooks is no wake-up: SQS keeps what it has acknowledged. */
const keptQueue = 'WEBHOOK_EVENT'
/** The queues' own long poll goes on for a poller that has died, and takes messages with it. */
const longestPollSeconds = 1
const json = { 'content-type': 'application/x-amz-json-1.0' }

interface QueueRoadOptions {
  readonly luck: Luck
  /** Hears each batch that is to be put on a queue, as JSON. */
  readonly onBatch: (text: string) => void
}

/** Stands before an SQS endpoint (JSON protocol) and lets calls go wrong as SQS may. */
export async function startQueueRoad(
  target: string,
  { luck, onBatch }: QueueRoadOptions,
): Promise<QueueRoad> {
  const counts = { refused: 0, lost: 0, twice: 0, late: 0, answerLost: 0 }
  let faults: QueueFaults | undefined
  const strikes = (fault: keyof QueueFaults) => {
    const struck = faults !== undefined && luck.chance(faults[fault])
    if (struck) counts[fault] += 1
    return struck
  }

  async function ask(action: string, body: object): Promise<Reply> {
    const response = await fetch(target, {
      method: 'POST',
      headers: { ...json, 'x-amz-target': `AmazonSQS.${action}` },
      body: JSON.stringify(body),
    })
    return { status: response.status, text: await response.text() }
  }

  async function askEntries(action: string, batch: Batch, refused: readonly Entry[]) {
    const kept = batch.Entries.filter((entry) => !refused.includes(entry))
    const reply = kept.length === 0 ? noneTaken : await ask(action, { ...batch, Entries: kept })
    if (reply.status !== 200 || refused.length === 0) return reply
    const answer = JSON.parse(reply.text) as BatchAnswer
    const failed = refused.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false }))
    return {
      status: 200,
      text: JSON.stringify({ ...answer, Failed: [...(answer.Failed ?? []), ...failed] }),
    }
  }

  async function send(batch: Batch): Promise<Reply> {
    onBatch(JSON.stringify(batch))
    const refused = batch.Entries.filter(() => strikes('refused'))
    const entries = batch.Entries.map((entry) => (strikes('late') ? later(entry, luck) : entry))
    const twice = entries.filter((entry) => !isIn(entry, refused) && strikes('twice'))
    const isWakeUp = !batch.QueueUrl.includes(keptQueue)
    const lost = entries.filter((entry) => isWakeUp && !isIn(entry, refused) && strikes('lost'))
    if (twice.length > 0) await ask('SendMessageBatch', { ...batch, Entries: twice })
    const stopped = entries.filter((entry) => isIn(entry, refused) || lost.includes(entry))
    const reply = await askEntries('SendMessageBatch', { ...batch, Entries: entries }, stopped)
    return lost.length === 0 ? reply : claimTaken(reply, batch, lost)
  }

  function answerTo(action: string, body: object): Promise<Reply> {
    if (action === 'SendMessageBatch') return send(body as Batch)
    if (action === 'DeleteMessageBatch') {
      const batch = body as Batch
      const refused = batch.Entries.filter(() => strikes('refused'))
      return askEntries(action, batch, refused)
    }
    if (action !== 'ReceiveMessage') return ask(action, body)
    const { WaitTimeSeconds = 0 } = body as { WaitTimeSeconds?: number }
    return ask(action, { ...body, WaitTimeSeconds: Math.min(WaitTimeSeconds, longestPollSeconds) })
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const action = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? ''
    const reply = await answerTo(action, JSON.parse((await buffer(incoming)).toString()))
    if (strikes('answerLost')) return void response.destroy()
    response.writeHead(reply.status, json)
    response.end(reply.text)
  }

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    set: (next) => {
      faults = next
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const noneTaken: Reply = { status: 200, text: '{"Successful":[],"Failed":[]}' }

const isIn = (entry: Entry, entries: readonly Entry[]) => entries.some(({ Id }) => Id === entry.Id)

function later(entry: Entry, luck: Luck): Entry {
  return { ...entry, DelaySeconds: (entry.DelaySeconds ?? 0) + luck.between(1, mostDelaySeconds) }
}

/** Turns the refusal of the lost ones into an acceptance that nobody keeps. */
function claimTaken(reply: Reply, batch: Batch, lost: readonly Entry[]): Reply {
  if (reply.status !== 200) return reply
  const answer = JSON.parse(reply.text) as Required<BatchAnswer>
  const bodies = new Map(batch.Entries.map(({ Id, MessageBody = '' }) => [Id, MessageBody]))
  const taken = lost.map(({ Id }) => ({
    Id,
    MessageId: `lost-${Id}`,
    MD5OfMessageBody: createHash('md5')
      .update(bodies.get(Id) ?? '')
      .digest('hex'),
  }))
  return {
    status: 200,
    text: JSON.stringify({
      Successful: [...answer.Successful, ...taken],
      Failed: answer.Failed.filter((failed) => !isIn(failed as Entry, lost)),
    }),
  }
}
