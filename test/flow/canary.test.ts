import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoTenant } from '#infra/local/demo-tenants.ts'
import { toRecord } from '#infra/local/lambda/sqs-event.ts'
import { place, sqsClient } from '#infra/local/resources.ts'
import { makeScanner } from '#test/support/canaries.ts'
import { heldMessages, storedObjects, waitingIn } from '#test/support/held.ts'
import { refusedRequests } from '#test/support/refused-requests.ts'
import {
  charactersOf,
  scanAnswers,
  scanDatabase,
  scanLogs,
  scanQueues,
  writtenByAws,
} from '#test/support/scans.ts'
import { type Flow, startFlow, until } from '#test/support/stack.ts'
import {
  canariesOf,
  debtOf,
  makeWitness,
  makeWitnesses,
  prepareBilling,
} from '#test/support/witness.ts'

const stays = makeWitness()
const leaves = makeWitness()
/** Where SES puts mails. */
const rawMails = '/inbound/'

const nothing = '{"nothing":true}'
const refused = `conteudo recusado ${stays.person.phone.slice(-8)}`

describe('what people are called, write and are told', () => {
  let flow: Flow
  let sqs: SQSClient
  let chatId: string
  let held: Awaited<ReturnType<typeof heldMessages>>
  const logs: string[] = []
  const scanner = () =>
    makeScanner({
      ...{ ...canariesOf(stays), refused },
      ...Object.fromEntries(
        Object.entries(canariesOf(leaves)).map(([name, value]) => [`erased ${name}`, value]),
      ),
      appSecret: flow.stack.ready.appSecret,
      token: flow.stack.ready.token,
      accessToken: demoTenant.sender.accessToken,
    })
  const queueUrl = (name: string) => `${flow.stack.parts.endpoints.sqs}/${place.accountId}/${name}`
  const told = (place: string, counts: object) =>
    process.stdout.write(`canary: ${place} ${JSON.stringify(counts)}\n`)

  beforeAll(async () => {
    flow = await startFlow({
      environment: { LOG_LEVEL: 'DEBUG' },
      log: ({ text }) => logs.push(text),
    })
    sqs = sqsClient(flow.stack.parts.endpoints.sqs)
  })
  afterAll(async () => {
    sqs?.destroy()
    await flow?.stop()
  })

  /** Until so many messages of people and programs have been taken up by somebody. */
  const settled = (least: number) =>
    until(
      () =>
        flow.rows(`select count(*)::integer as count,
          count(*) filter (where status in ('QUEUED', 'SENDING'))::integer as pending
          from chat_messages`),
      ([row]) => Number(row?.count) >= least && row?.pending === 0,
    )
  const ended = (requestId: unknown) =>
    until(
      () => flow.ask(`GET /privacy-requests/${requestId}`),
      ({ json }) => json?.state === 'DONE',
    )
  const applied = ({ eventId }: Readonly<Record<string, unknown>>) =>
    until(
      () => flow.ask(`GET /business-events/${eventId}`),
      ({ status }) => status === 200,
    )

  /** Both talk and owe something, of which the ladder writes; then one of them is erased. */
  it('stand in what a person is handed out', async () => {
    const { talk, tell, writeIn } = makeWitnesses(flow)
    await prepareBilling(flow)
    const talks = [await talk(stays), await talk(leaves)]
    const debts = [debtOf(stays), debtOf(leaves)]
    const events = debts.flatMap((debt) => debt.events)
    expect((await tell(events)).status).toBe(202)
    await Promise.all(events.map(applied))
    await flow.stack.pool.invoke('plan-dunning', {})
    await settled(2 * (5 + 2))
    for (const { installmentId } of debts) {
      const { json } = await flow.ask(`GET /installments/${installmentId}/messages`)
      expect(json?.items).toHaveLength(2)
    }
    // A number that is nobody's raises an alert, which is a metric too.
    expect((await writeIn(stays, { phoneNumberId: '1', wabaId: '2' })).status).toBe(200)
    await until(
      () => logs,
      (lines) => lines.some((line) => line.includes('SenderUnknown')),
    )
    chatId = talks[0]?.chatId ?? ''
    const personId = talks[1]?.personId
    const asked = await flow.ask(`POST /persons/${personId}/exports`)
    await ended(asked.json?.requestId)
    const before = makeScanner(canariesOf(leaves))
    for (const text of (await storedObjects(flow.stack.parts.endpoints.s3)).values()) {
      before.scan('objects', text)
    }
    expect(new Set(before.hits.map(({ canary }) => canary))).toEqual(
      new Set(Object.keys(canariesOf(leaves))),
    )
    const wanted = await flow.ask(`POST /persons/${personId}/erasure`)
    await ended(wanted.json?.requestId)
    expect((await flow.ask(`GET /persons/${personId}`)).status).toBe(404)
  }, 180_000)

  it('stand in no answer to a request that is refused', async () => {
    const asked = await refusedRequests(flow, { chatId, refused, witness: stays })
    expect(asked.filter(({ status }) => status < 400)).toEqual([])
    const signedNonsense = await flow.webhook(`{"said": "${refused}`)
    const errorAnswers = [...asked, signedNonsense]
    const scan = scanner()
    scanAnswers(errorAnswers, scan)
    told('error answers', { characters: charactersOf(scan), hits: scan.hits.length })
    expect(scan.hits).toEqual([])
    expect(errorAnswers).toHaveLength(12)
  })

  /** A poll that is cut may still take what comes next, and does nothing with it: it gets that. */
  async function stopSources(queues: readonly string[]): Promise<void> {
    const { sources } = flow.stack.triggers
    await Promise.all(queues.map((queue) => sources.get(queue)?.stop()))
    for (const queue of queues) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(queue), MessageBody: nothing }))
    }
  }

  /** What is put on the queues from here on stays there to be read. */
  async function holdQueues(events: readonly Readonly<Record<string, unknown>>[]) {
    const { writeIn, writeMail, sendMail, tell } = makeWitnesses(flow)
    const { clock, sources } = flow.stack.triggers
    const others = [...sources.keys()].filter((name) => name !== 'MESSAGE_SEND')
    await clock.stop()
    await stopSources(others)
    await sendMail(chatId, stays)
    await until(
      () => waitingIn(sqs, queueUrl('EMAIL_EVENT')),
      (count) => count > 0,
    )
    await stopSources(['MESSAGE_SEND'])
    const answers = [
      await sendMail(chatId, stays),
      await writeIn(stays),
      await writeMail(stays),
      await tell(events),
    ]
    expect(answers.map(({ status }) => status)).toEqual([202, 200, 202, 202])
    const busItem = { source: 'erp.exemplo', detail: debtOf(stays).events[0] }
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: queueUrl('BUSINESS_BUS'),
        MessageBody: JSON.stringify(busItem),
      }),
    )
    return heldMessages(sqs)
  }

  it('stand in no queue while they wait there, but where AWS writes', async () => {
    const { events } = debtOf(stays)
    held = await holdQueues(events)
    const scan = scanner()
    const waiting = scanQueues(held, scan)
    told('queues', { waiting, characters: charactersOf(scan), hits: scan.hits.length })
    expect(scan.hits).toEqual([])
    const ours = ['BUSINESS_EVENT', 'MESSAGE_SEND', 'WEBHOOK_EVENT']
    expect(Object.keys(waiting)).toEqual(expect.arrayContaining([...ours, ...writtenByAws]))
    // Each exception is one: what waits there names somebody.
    for (const queue of writtenByAws) {
      const clear = makeScanner(canariesOf(stays))
      clear.scan(queue, JSON.stringify(held.get(queue)))
      expect(clear.hits.length, queue).toBeGreaterThan(0)
    }
    // What was scanned does carry the words: its consumers find them there.
    const before = (await flow.thread(chatId)).length
    await consume('webhook-event', 'WEBHOOK_EVENT')
    const thread = await flow.thread(chatId)
    expect(thread.slice(before).map(({ content }) => content?.text)).toEqual([stays.said.written])
    await consume('business-event', 'BUSINESS_EVENT')
    const movement = events[0]?.movement as { readonly movementId: string }
    const shown = await flow.ask(`GET /movements/${movement.movementId}`)
    expect(shown.json).toMatchObject({ description: stays.said.description })
  })

  async function consume(functionName: string, queue: string): Promise<void> {
    const arn = `arn:aws:sqs:${place.region}:${place.accountId}:${queue}`
    const Records = (held.get(queue) ?? [])
      .filter(({ Body }) => Body !== nothing)
      .map((message) => toRecord(message, arn))
    const result = await flow.stack.pool.invoke(functionName, { Records })
    expect(result).toMatchObject({ outcome: 'returned' })
  }

  it('stand in no table, those of an erased person neither', async () => {
    const scan = scanner()
    const { tables, filled } = await scanDatabase(flow.owner, scan)
    const { hits } = scan
    const characters = charactersOf(scan)
    told('tables', { tables: tables.length, filled: filled.length, characters, hits: hits.length })
    expect(hits).toEqual([])
    expect(tables.length).toBeGreaterThan(40)
    expect(filled).toEqual(
      expect.arrayContaining([
        ...['templates', 'movements', 'installments', 'business_events', 'dunning_steps'],
        ...['dunning_policies', 'privacy_requests', 'audit_entries', 'persons', 'chat_messages'],
      ]),
    )
    expect(characters).toBeGreaterThan(10_000)
    // The scan does find what is there: Meta's ids.
    const control = makeScanner({ phone: stays.person.phone })
    const ids = await flow.rows('select provider_message_id from send_attempts')
    control.scan('ids', JSON.stringify(ids))
    expect(control.hits).toEqual([{ place: 'ids', canary: 'phone', form: 'base64' }])
  })

  it('stand in no log line and no metric', async () => {
    const scan = scanner()
    const { lines, metrics } = scanLogs(logs, scan)
    const { hits, scanned } = scan
    told('logs', { lines, metrics: metrics.length, scanned, hits: hits.length })
    expect(hits).toEqual([])
    expect(lines).toBeGreaterThan(30)
    expect(metrics.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ SenderUnknown: 1, _aws: expect.anything() }),
    )
  })

  it('of an erased person stand in no file', async () => {
    const erased = makeScanner(canariesOf(leaves))
    const others = makeScanner(canariesOf(stays))
    const objects = await storedObjects(flow.stack.parts.endpoints.s3)
    for (const [key, text] of objects) {
      erased.scan('objects', `${key}\n${text}`)
      if (key.includes(rawMails)) others.scan('objects', text)
    }
    told('files', { files: objects.size, characters: charactersOf(erased), hits: erased.hits })
    expect(erased.hits).toEqual([])
    expect(erased.scanned.objects).toBeGreaterThan(0)
    // Mails as they came in are among what was scanned: those of the other are there.
    expect(new Set(others.hits.map(({ canary }) => canary))).toContain('answered')
  })
})
