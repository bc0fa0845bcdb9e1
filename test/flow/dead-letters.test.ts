import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import {
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LogLine } from '#infra/local/lambda/invocation.ts'
import { place, sqsClient } from '#infra/local/resources.ts'
import { readReplacements } from '#infra/local/settings.ts'
import { type LocalStack, startStack } from '#infra/local/stack.ts'
import { bundlesOfRun } from '#test/support/bundles.ts'
import { leaveWindowToProvider, textMessage, until } from '#test/support/stack.ts'

/** What no code can read or apply, over the whole stack: visible, alarmed, brought back. */
describe('dead letters', () => {
  let stack: LocalStack
  let sqs: SQSClient
  let owner: pg.Pool
  const lines: LogLine[] = []

  beforeAll(async () => {
    stack = await startStack({
      codeDirectory: await bundlesOfRun(),
      port: 0,
      directory: undefined,
      replacements: readReplacements({ LOG_LEVEL: 'ERROR' }),
      log: (line) => lines.push(line),
    })
    sqs = sqsClient(stack.parts.endpoints.sqs)
    owner = new pg.Pool({ connectionString: stack.ready.database, max: 2 })
    owner.on('error', () => undefined)
    await leaveWindowToProvider(owner)
    await visibility('MESSAGE_SEND', 1)
  })
  afterAll(async () => {
    sqs.destroy()
    await owner.end()
    await stack.stop()
  })
  beforeEach(async () => {
    stack.dataApi?.clearFaults()
    await owner.query('truncate task_failures')
    lines.length = 0
  })

  const urlOf = (queue: string) => `${stack.parts.endpoints.sqs}/${place.accountId}/${queue}`
  const put = (queue: string, body: string) =>
    sqs.send(new SendMessageCommand({ QueueUrl: urlOf(queue), MessageBody: body }))

  /** A body comes back at once, so that it need not be waited for. */
  const visibility = (queue: string, seconds: number) =>
    sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: urlOf(queue),
        Attributes: { VisibilityTimeout: String(seconds) },
      }),
    )

  async function held(queue: string): Promise<number> {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: urlOf(queue),
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    )
    return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0)
  }

  const areEmpty = (...queues: readonly string[]) =>
    until(
      async () => (await Promise.all(queues.map(held))).reduce((sum, count) => sum + count, 0),
      (count) => count === 0,
    )

  async function failures() {
    const { rows } = await owner.query(
      `select task_failure_id::text as id, tenant_id::text, queue, reason, resolved_at,
         convert_from(body, 'UTF8') as sealed
       from task_failures order by task_failure_id`,
    )
    return rows
  }

  const recorded = (count: number) => until(failures, (rows) => rows.length === count)

  async function ask(method: string, path: string, body?: unknown) {
    const answer = await fetch(`${stack.ready.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${stack.ready.token}`,
        'idempotency-key': randomUUID(),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return (await answer.json()) as Record<string, unknown>
  }

  async function openChat(phone: string): Promise<string> {
    const contacts = [{ channel: 'WHATSAPP', address: phone }]
    const person = { externalId: phone, name: 'Ana Lima' }
    const { chatId } = await ask('POST', '/chats', { person, contacts })
    if (chatId === undefined) throw new Error('no chat was opened')
    return String(chatId)
  }

  async function thread(chatId: string) {
    const { items } = await ask('GET', `/chats/${chatId}/messages?order=asc`)
    return items as { readonly status: string; readonly content: unknown }[]
  }

  const showsStatus = (chatId: string, status: string) =>
    until(
      () => thread(chatId),
      (messages) => messages.at(-1)?.status === status,
    )

  /** The alarm's metric, in the format that CloudWatch reads from a log. */
  const raisedMetrics = () =>
    lines.filter(
      ({ text }) => text.includes('"CloudWatchMetrics"') && text.includes('"TaskFailed":'),
    )

  /** The operator's command, with what the local stack's variables would be. */
  async function ops(command: string): Promise<string> {
    const child = spawn(process.execPath, ['infra/ops.ts', ...command.split(' ')], {
      cwd: join(import.meta.dirname, '../..'),
      env: {
        PATH: process.env.PATH,
        AWS_REGION: place.region,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_ENDPOINT_URL_RDS_DATA: stack.dataApi?.url,
        AWS_ENDPOINT_URL_KMS: stack.parts.kms.url,
        AWS_ENDPOINT_URL_SQS: stack.parts.endpoints.sqs,
        DATABASE_CLUSTER_ARN: 'recado',
        OWNER_SECRET_ARN: 'recado/owner',
        DATABASE_SECRET_ARN: 'recado/functions',
        DATABASE_NAME: stack.database.name,
        DATA_KEY_ARN: 'alias/recado-data',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [out, error] = await Promise.all([
      readText(child.stdout),
      readText(child.stderr),
      once(child, 'close'),
    ])
    expect(error).toBe('')
    return out
  }

  it("an operator adds a company as the schema's owner", async () => {
    const { tenantId } = JSON.parse(await ops('tenant add --name Nova'))
    const { rows } = await owner.query('select name from tenants where tenant_id = $1', [tenantId])
    expect(rows).toEqual([{ name: 'Nova' }])
  })

  it('what no code can read comes back five times and is a visible failure then', async () => {
    const bodies = [
      'Ana Lima, +5511987654321',
      JSON.stringify({ version: 1, type: 'MESSAGE', payload: { messageId: 12 } }),
      JSON.stringify({ tenantId: 'abc', taskId: '-1' }),
    ]
    for (const body of bodies) await put('MESSAGE_SEND', body)
    const rows = await recorded(3)
    for (const row of rows) {
      expect(row).toMatchObject({
        tenant_id: '0',
        queue: 'MESSAGE_SEND-dead-letters',
        reason: 'unreadable',
      })
      expect(row.sealed).not.toMatch(/Ana|987654321|version/)
    }
    await areEmpty('MESSAGE_SEND', 'MESSAGE_SEND-dead-letters')
    expect(await failures()).toHaveLength(3)
    expect(raisedMetrics().length).toBeGreaterThan(0)
    expect(raisedMetrics().every(({ functionName }) => functionName === 'dead-letters')).toBe(true)
    expect(lines.map(({ text }) => text).join('\n')).not.toMatch(/Ana Lima|987654321/)
    const shown = await Promise.all(rows.map(({ id }) => ops(`failures show ${id}`)))
    const opened = shown.map((json) => String(JSON.parse(json).body))
    expect(opened.toSorted()).toEqual(bodies.toSorted())
  })

  it('a wake-up whose work kept failing is told apart, and its message is sent all the same', async () => {
    const chatId = await openChat('+5511960009001')
    stack.dataApi?.fail({
      kind: 'error',
      error: 'StatementTimeoutException',
      sqlIncludes: 'claim_sends_v5',
      probability: 1,
    })
    await ask('POST', `/chats/${chatId}/messages`, textMessage('Sua parcela vence hoje.'))
    const [failure] = await recorded(1)
    expect(failure).toMatchObject({ reason: 'not-processed' })
    expect(failure.tenant_id).not.toBe('0')
    await areEmpty('MESSAGE_SEND', 'MESSAGE_SEND-dead-letters')
    expect((await thread(chatId))[0]).toMatchObject({ status: 'QUEUED' })
    expect(await ops(`waiting --tenant ${failure.tenant_id}`)).toContain('1 not final')

    stack.dataApi?.clearFaults()
    await owner.query(`update tasks set woken_at = woken_at - interval '130 seconds'`)
    await stack.pool.invoke('relay', {})
    await showsStatus(chatId, 'READ')
    expect(stack.parts.whatsapp?.ledger().calls).toHaveLength(1)
    // Put back by an operator afterwards, it does nothing a second time.
    await ops(`failures retry ${failure.id}`)
    await areEmpty('MESSAGE_SEND')
    expect(stack.parts.whatsapp?.ledger().calls).toHaveLength(1)
    expect((await failures())[0]?.resolved_at).toBeInstanceOf(Date)
  })

  it('the consumer takes what lies in a dead-letter queue already', async () => {
    await put('MESSAGE_STATUS_CHECK-dead-letters', JSON.stringify({ checkId: 5 }))
    expect(await recorded(1)).toMatchObject([
      { queue: 'MESSAGE_STATUS_CHECK-dead-letters', reason: 'unreadable' },
    ])
    await areEmpty('MESSAGE_STATUS_CHECK-dead-letters')
  })

  it('replies that could not be applied are shown once an operator puts them back', async () => {
    const from = '+5511960009002'
    const chatId = await openChat(from)
    await visibility('WEBHOOK_EVENT', 0)
    stack.dataApi?.fail({
      kind: 'error',
      error: 'StatementTimeoutException',
      sqlIncludes: 'apply_channel_events_v2',
      probability: 1,
    })
    stack.parts.whatsapp?.inbound({ from, content: { type: 'text', text: 'Já paguei!' } })
    const [failure] = await recorded(1)
    expect(failure).toMatchObject({ queue: 'WEBHOOK_EVENT-dead-letters' })
    expect(await thread(chatId)).toEqual([])

    stack.dataApi?.clearFaults()
    await visibility('WEBHOOK_EVENT', 30)
    await ops(`failures retry ${failure.id}`)
    const [reply] = await showsStatus(chatId, 'RECEIVED')
    expect(reply).toMatchObject({ content: { type: 'text', text: 'Já paguei!' } })
    await areEmpty('WEBHOOK_EVENT', 'WEBHOOK_EVENT-dead-letters')
    expect(await failures()).toHaveLength(1)
  })
})
