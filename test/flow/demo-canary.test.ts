import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { carla, davi } from '#infra/local/demo/billing-cast.ts'
import { ana, answer, bruno, consent, reminder, welcome } from '#infra/local/demo/cast.ts'
import { makeMailbox } from '#infra/local/demo/mailbox.ts'
import { playDemo } from '#infra/local/demo/play.ts'
import { Timeline } from '#infra/local/demo/timeline.ts'
import { place, sqsClient } from '#infra/local/resources.ts'
import { type Canaries, makeScanner } from '#test/support/canaries.ts'
import { heldMessages, storedObjects } from '#test/support/held.ts'
import { type RecordingRoad, startRecordingRoad } from '#test/support/recording-road.ts'
import {
  charactersOf,
  scanAnswers,
  scanDatabase,
  scanLogs,
  scanQueues,
} from '#test/support/scans.ts'
import { type Flow, startFlow } from '#test/support/stack.ts'
import { secretsOf } from '#test/support/stack-secrets.ts'

const cast = { ana, bruno, carla, davi }

/** What people are called, write, are told and owe. */
const words: Canaries = {
  ...Object.fromEntries(
    Object.entries(cast).flatMap(([who, { name, phone, externalId }]) => [
      [`${who}'s name`, name],
      [`${who}'s phone`, phone],
      // By itself a number of four digits stands everywhere.
      [`${who}'s external id`, `"${externalId}"`],
    ]),
  ),
  "carla's mail": carla.mail,
  ...{ welcome: welcome.text, consent, answer },
  amount: reminder.variables.body.valor,
  ...{ 'first debt': 'Mensalidade', 'second debt': 'Material didático' },
  'payment link': 'https://pagar.exemplo.com.br/par-',
}

const told = (place: string, counts: object) =>
  process.stdout.write(`demo canary: ${place} ${JSON.stringify(counts)}\n`)

describe('after the demo, its people and secrets', () => {
  let aws: LocalAws
  /** Before the queues: all that was ever put on one, not what still waits in the end. */
  let queues: RecordingRoad
  let api: RecordingRoad
  let flow: Flow
  const logs: string[] = []

  const scanner = () =>
    makeScanner({ ...words, ...secretsOf(flow.stack.ready, flow.stack.database) })

  beforeAll(async () => {
    aws = await startAws(0, place.region)
    queues = await startRecordingRoad(aws.url)
    flow = await startFlow({
      environment: {
        LOG_LEVEL: 'DEBUG',
        AWS_ENDPOINT_URL_SQS: queues.url,
        AWS_ENDPOINT_URL_SNS: aws.url,
        AWS_ENDPOINT_URL_S3: aws.url,
      },
      serviceWindow: 'enforced',
      log: ({ text }) => logs.push(text),
    })
    api = await startRecordingRoad(flow.stack.ready.api)
  }, 180_000)
  afterAll(async () => {
    await api?.close()
    await flow?.stop()
    await queues?.close()
    await aws?.close()
  })

  it('have been through the whole story', async () => {
    const { ready, triggers } = flow.stack
    const timeline = new Timeline(() => undefined)
    await playDemo(
      timeline,
      { ...ready, api: api.url },
      {
        mailbox: makeMailbox(ready.mail),
        planDunning: () => triggers.clock.runNow('recado-dunning-each-quarter'),
      },
    )
    expect(timeline.played).toBeGreaterThan(40)
    // The scanner finds each of them where they do stand: with programs, phones and mailboxes.
    const control = makeScanner(words)
    for (const { request, text } of api.exchanges) control.scan('api', `${request}\n${text}`)
    const outside = [`${ready.whatsapp}/_sim/conversations`, `${ready.mail}/_mail/messages`]
    for (const url of outside) control.scan('outside', await (await fetch(url)).text())
    const found = new Set(control.hits.map(({ canary }) => canary))
    expect(found).toEqual(new Set(Object.keys(words)))
  }, 180_000)

  it('stand in no answer that refuses something', () => {
    const refusals = api.exchanges.filter(({ status }) => status >= 400)
    const scan = scanner()
    scanAnswers(refusals, scan)
    told('refusals', { answers: refusals.length, characters: charactersOf(scan) })
    expect(scan.hits).toEqual([])
    expect(refusals.map(({ status }) => status)).toEqual(expect.arrayContaining([404, 422]))
  })

  it('stand in nothing that was put on a queue, nor in what still waits there', async () => {
    const put = queues.exchanges.filter(({ request }) => request.includes('"MessageBody"'))
    const scan = scanner()
    for (const { request } of put) scan.scan('put', request)
    const sqs = sqsClient(queues.url)
    const waiting = scanQueues(await heldMessages(sqs), scan)
    sqs.destroy()
    told('queues', { calls: put.length, waiting, characters: charactersOf(scan) })
    expect(scan.hits).toEqual([])
    expect(put.length).toBeGreaterThan(20)
    expect(scan.scanned.put).toBeGreaterThan(10_000)
    const filled = ['MESSAGE_SEND', 'WEBHOOK_EVENT', 'BUSINESS_EVENT']
    for (const queue of filled)
      expect(put.some(({ request }) => request.includes(queue))).toBe(true)
  })

  it('stand in no table', async () => {
    const scan = scanner()
    const { tables, filled } = await scanDatabase(flow.owner, scan)
    const characters = charactersOf(scan)
    told('tables', { tables: tables.length, filled: filled.length, characters })
    expect(scan.hits).toEqual([])
    expect(filled).toEqual(
      expect.arrayContaining([
        ...['persons', 'contacts', 'chats', 'chat_messages', 'send_attempts', 'message_status'],
        ...['templates', 'movements', 'installments', 'business_events', 'audit_entries'],
        'privacy_requests',
      ]),
    )
    expect(characters).toBeGreaterThan(30_000)
    // The scan does find what is there: Meta's ids hold numbers.
    const control = scanner()
    control.scan('ids', JSON.stringify(await flow.rows('select * from send_attempts')))
    expect(control.hits.map(({ form }) => form)).toContain('base64')
  })

  it('stand in no log line and no metric', () => {
    const scan = scanner()
    const { lines, metrics } = scanLogs(logs, scan)
    told('logs', { lines, metrics: metrics.length, scanned: scan.scanned })
    expect(scan.hits).toEqual([])
    expect(lines).toBeGreaterThan(30)
    expect(charactersOf(scan)).toBeGreaterThan(10_000)
  })

  it('stand in no file: the copy went with who asked for it', async () => {
    const objects = await storedObjects(aws.url)
    const scan = scanner()
    for (const [key, text] of objects) scan.scan('objects', `${key}\n${text}`)
    told('files', { files: objects.size, characters: charactersOf(scan) })
    expect(scan.hits).toEqual([])
    expect(objects.size).toBeGreaterThan(0)
  })
})
