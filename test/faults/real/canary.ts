import type { Ledger } from '#infra/local/whatsapp/ledger.ts'
import { type Canaries, type CanaryScanner, makeScanner } from '#test/support/canaries.ts'
import { heldMessages, storedObjects } from '#test/support/held.ts'
import { charactersOf, scanDatabase, scanQueues } from '#test/support/scans.ts'
import { externalIdOf, nameOf } from './cast.ts'
import { type Chat, otherText } from './clients.ts'
import type { Violation } from './invariants.ts'
import type { Ledgers, Post } from './ledgers.ts'
import type { World } from './world.ts'

/** Where words could be left behind. */
export type Places = Pick<World, 'owner' | 'sqs' | 'logs' | 'batches' | 's3Url' | 'secrets'>

/** What a campaign's people and clients said, and what the provider was told. */
export interface Words {
  readonly chats: readonly Chat[]
  readonly posts: readonly Post[]
  readonly ledgers: Ledgers
  readonly provider: Ledger
}

export interface CanaryReport {
  readonly figures: Readonly<Record<string, string>>
  readonly violations: readonly Violation[]
}

const mostNames = 8

/**
 * Looks for every phone, name, text and secret of a campaign in all that it left behind: tables,
 * files, what was put on queues and what waits there, logs and metrics, answers. Also finds out
 * whether it can see at all: the provider was told the words, so they are found there.
 */
export async function scanCampaign(world: Places, words: Words): Promise<CanaryReport> {
  const people = canariesOf(words)
  const scanner = makeScanner({ ...people, ...world.secrets })
  const before = process.cpuUsage()
  const characters = await scanPlaces(world, words, scanner)
  const { user, system } = process.cpuUsage(before)
  const control = makeScanner(people)
  control.scan('provider', JSON.stringify(words.provider.calls))
  const seen = new Set(control.hits.map(({ canary }) => canary)).size
  const all = Object.values(characters).reduce((sum, count) => sum + count, 0)
  const canaries = Object.keys({ ...people, ...world.secrets }).length
  const rate = (all / (user + system)).toFixed(1)
  return {
    figures: {
      canary: `${all} characters, ${canaries} canaries, ${scanner.hits.length} hits`,
      'canary, characters by place': Object.entries(characters)
        .map(([place, count]) => `${place} ${count}`)
        .join(', '),
      'canary, seen at the provider': `${seen} canaries`,
      'canary, rate': `${rate} million characters a second of one core`,
    },
    violations: [...leaks(scanner), ...blindness(characters, seen)],
  }
}

function canariesOf({ chats, posts, ledgers }: Words): Canaries {
  const phones = new Set([...chats, ...ledgers.said].map(({ phone }) => phone))
  const ofPeople = [...phones].flatMap((phone, index) => [
    [`phone of person ${index}`, phone],
    [`name of person ${index}`, nameOf(phone)],
    [`external id of person ${index}`, externalIdOf(phone)],
  ])
  const ofPosts = posts.flatMap(({ key, body }) => {
    const { content } = JSON.parse(body) as { readonly content: { readonly text?: string } }
    return content.text === undefined ? [] : [[`text of ${key}`, content.text]]
  })
  const written = ledgers.said.map(({ text }, index) => [`text ${index} of a person`, text])
  return Object.fromEntries([...ofPeople, ...ofPosts, ...written, ['other text', otherText]])
}

/** Characters by place. */
async function scanPlaces(world: Places, { ledgers }: Words, scanner: CanaryScanner) {
  let before = 0
  const scanned = () => {
    const since = charactersOf(scanner) - before
    before += since
    return since
  }
  await scanDatabase(world.owner, scanner)
  const tables = scanned()
  for await (const text of world.batches.read()) scanner.scan('put on queues', text)
  const queued = scanned()
  scanQueues(await heldMessages(world.sqs), scanner)
  const waiting = scanned()
  for await (const text of world.logs.read()) scanner.scan('logs and metrics', text)
  const logs = scanned()
  for (const { key, status, body } of ledgers.answers) {
    scanner.scan('answers', `${key} ${status} ${body}`)
  }
  const answers = scanned()
  for (const [key, text] of await storedObjects(world.s3Url)) {
    scanner.scan('files', `${key}\n${text}`)
  }
  return { tables, queued, waiting, logs, answers, files: scanned() }
}

/** By place; canaries are named, never shown. */
function leaks({ hits }: CanaryScanner): Violation[] {
  if (hits.length === 0) return []
  const says = 'no word of a person and no secret stands in a table, queue, log, answer or file'
  const examples = [...Map.groupBy(hits, ({ place }) => place)].map(([place, there]) => {
    const names = new Set(there.map(({ canary, form }) => `${canary} (${form})`))
    return { place, hits: there.length, canaries: [...names].slice(0, mostNames) }
  })
  return [{ invariant: 'canary', says, found: hits.length, examples }]
}

/** What must have been there to look at. */
function blindness(
  { tables, queued, logs, answers }: Awaited<ReturnType<typeof scanPlaces>>,
  seen: number,
): Violation[] {
  const looked = { tables, queued, logs, answers, seen }
  const empty = Object.entries(looked).filter(([, count]) => count === 0)
  if (empty.length === 0) return []
  const says = 'the canary scan has something to look at, and finds what is there'
  return [{ invariant: 'canary', says, found: empty.length, examples: [looked] }]
}
