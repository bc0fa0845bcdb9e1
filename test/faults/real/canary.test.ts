import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { CreateQueueCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place, s3Client, sqsClient } from '#infra/local/resources.ts'
import type { Ledger, LedgerCall } from '#infra/local/whatsapp/ledger.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import { type Places, scanCampaign, type Words } from './canary.ts'
import { nameOf } from './cast.ts'
import { emptyLedgers } from './ledgers.ts'
import { openTranscript } from './transcript.ts'

const phone = '+5511998000012'
const written = 'Oi, mensagem 1'
const posted = 'Olá, mensagem 7'
const accessToken = 'segredo-de-um-remetente'

/** A scan that finds nothing where nothing is must find everything where it is. */
describe('the canary scan of a campaign', () => {
  let world: PostgresWorld
  let aws: LocalAws
  let sqs: SQSClient
  let queueUrl: string
  let directory: string
  let scans = 0

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recado-canary-'))
    world = await openPostgresWorld()
    aws = await startAws(0, place.region)
    sqs = sqsClient(aws.url)
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead-letters' }))
    queueUrl = QueueUrl
  })
  afterAll(async () => {
    sqs.destroy()
    await Promise.all([world.close(), aws.close()])
    await rm(directory, { recursive: true })
  })

  /** Where something stands that is nobody's. */
  function places(): Places {
    scans += 1
    const transcript = (name: string) => openTranscript(join(directory, `${name}-${scans}`))
    const [logs, batches] = [transcript('logs'), transcript('batches')]
    logs.write('a line')
    batches.write('{"MessageBody":"sealed"}')
    return { owner: world.owner, sqs, logs, batches, s3Url: aws.url, secrets: { accessToken } }
  }

  function words(answer = '{"messageId":"12"}'): Words {
    const post = { key: 'post-7', token: '', chatId: '1', plannedMs: 0 }
    const provider = { calls: [{ to: phone, body: { text: posted } } as unknown as LedgerCall] }
    return {
      chats: [{ chatId: '1', token: '', phone }],
      posts: [{ ...post, body: JSON.stringify({ content: { type: 'text', text: posted } }) }],
      ledgers: {
        ...emptyLedgers(),
        said: [{ phone, text: written }],
        answers: [{ key: 'post-7', at: '', status: 422, body: answer, isOtherBody: false }],
      },
      provider: provider as unknown as Ledger,
    }
  }

  it('finds nothing where nothing is, and says what it looked at', async () => {
    const { figures, violations } = await scanCampaign(places(), words())
    expect(violations).toEqual([])
    // Phone, name, external id, two texts, the text under another's key, one secret.
    expect(figures.canary).toMatch(/^\d{5,} characters, 7 canaries, 0 hits$/)
    expect(figures['canary, seen at the provider']).toBe('2 canaries')
  })

  it('is broken when it saw nothing', async () => {
    const blind = { ...words(), provider: { calls: [] } as unknown as Ledger }
    const { violations } = await scanCampaign(places(), blind)
    expect(violations).toMatchObject([{ invariant: 'canary', examples: [{ seen: 0 }] }])
  })

  it('finds what stands in a table, a queue, a log, an answer or a file, and does not show it', async () => {
    const planted = places()
    await world.owner.query(`create table kept as select convert_to($1, 'UTF8') as name`, [
      nameOf(phone),
    ])
    planted.batches.write(JSON.stringify({ MessageBody: Buffer.from(posted).toString('base64') }))
    planted.logs.write(JSON.stringify({ level: 'ERROR', header: `Bearer ${accessToken}` }))
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: written }))
    const s3 = s3Client(aws.url)
    await s3.send(new CreateBucketCommand({ Bucket: 'chunks' }))
    await s3.send(new PutObjectCommand({ Bucket: 'chunks', Key: phone.slice(1), Body: 'sealed' }))
    s3.destroy()
    const { violations } = await scanCampaign(planted, words(`{"detail":"${phone}"}`))
    const told = JSON.stringify(violations)
    for (const value of [phone, phone.slice(1), written, posted, accessToken]) {
      expect(told).not.toContain(value)
    }
    const [{ examples } = { examples: [] }] = violations
    const found = Object.fromEntries(examples.map(({ place, canaries }) => [place, canaries]))
    expect(found).toEqual({
      'table kept': ['name of person 0 (hex)'],
      'put on queues': ['text of post-7 (base64)'],
      'dead-letters': expect.arrayContaining(['text 0 of a person (clear)']),
      'logs and metrics': expect.arrayContaining(['accessToken (clear)']),
      answers: expect.arrayContaining(['phone of person 0 (clear)']),
      files: ['phone of person 0 (digits)'],
    })
  })
})
