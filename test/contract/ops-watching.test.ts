import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place, sqsClient } from '#infra/local/resources.ts'
import { makeBilling } from '#infra/ops/billing-services.ts'
import { readCommand } from '#infra/ops/commands.ts'
import { makeLetters } from '#infra/ops/dead-letters.ts'
import type { Operations } from '#infra/ops/operations.ts'
import { CommandRefused } from '#infra/ops/refused.ts'
import { makeAccountEvents } from '#shared/adapters/database/account-events.ts'
import { makeAuditChain } from '#shared/adapters/database/audit-chain-store.ts'
import { makeAuditDesk } from '#shared/adapters/database/audit-store.ts'
import { makeCleanupStore } from '#shared/adapters/database/cleanup-store.ts'
import { makeResealStore } from '#shared/adapters/database/reseal-store.ts'
import { makeTaskFailures } from '#shared/adapters/database/task-failures.ts'
import { makeKmsDataKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import type { TransitSealer } from '#shared/ports/sealer.ts'
import { systemClock } from '#shared/runtime/system.ts'
import { makeRecordFailures } from '#shared/use-cases/record-failures.ts'
import {
  accept,
  claimOne,
  fresh,
  openChat,
  send,
  settle,
  wish,
} from '#test/support/stores-world.ts'
import { openTemplateWorld, type TemplateWorld } from '#test/support/template-world.ts'

/** The bodies of queues and rows, over the real clients. */
describe('ops tells what waits and what failed', () => {
  let world: TemplateWorld
  let aws: LocalAws
  let client: SQSClient
  let transit: TransitSealer
  let operations: Operations

  beforeAll(async () => {
    world = await openTemplateWorld()
    aws = await startAws(0, place.region)
    client = sqsClient(aws.url)
    const dataKeys = makeKmsDataKeys(world.kmsClient, world.kms.keyArn)
    transit = makeTransitSealer(dataKeys, systemClock)
    const failures = makeTaskFailures(world.dataApi)
    operations = {
      administration: world.administration,
      tasks: world.tasks,
      failures,
      templates: { ...world.templates, ...world.syncs },
      letters: makeLetters({
        client: sqsClient(aws.url),
        transit,
        sealedBody: failures.sealedBody,
      }),
      accountEvents: makeAccountEvents(world.dataApi, transit),
      audit: {
        chain: makeAuditChain(world.dataApi),
        desk: makeAuditDesk(world.dataApi),
        heads: undefined,
      },
      ...{ database: world.dataApi, environment: {} },
      cleanups: makeCleanupStore(world.dataApi, world.waits),
      cells: makeResealStore({
        database: world.dataApi,
        sealer: world.sealer,
        waits: world.waits,
      }),
      billing: makeBilling(world.dataApi, world.directory),
    }
  })
  afterAll(async () => {
    client.destroy()
    await Promise.all([world.close(), aws.close()])
  })

  /** Keeps letters as they come; none of them is a webhook chunk. */
  const recording = () =>
    makeRecordFailures({
      tasks: world.tasks,
      transit,
      chunks: { open: () => Promise.reject(new Error('no chunk')) },
      alerts: { raise: () => undefined },
    })
  const run = async (command: string) => readCommand(command.split(' ')).run(operations)
  const json = async (command: string) => JSON.parse(await run(command))

  /** The same as a person types it, in a process of its own, as the functions' role. */
  async function typed(command: string) {
    const child = spawn(process.execPath, ['infra/ops.ts', ...command.split(' ')], {
      cwd: join(import.meta.dirname, '../..'),
      env: {
        PATH: process.env.PATH,
        AWS_REGION: place.region,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_ENDPOINT_URL_RDS_DATA: world.endpoint.url,
        AWS_ENDPOINT_URL_KMS: world.kms.url,
        AWS_ENDPOINT_URL_SQS: aws.url,
        DATABASE_CLUSTER_ARN: world.database.target.resourceArn,
        DATABASE_SECRET_ARN:
          'arn:aws:secretsmanager:sa-east-1:111122223333:secret:recado-functions',
        DATABASE_NAME: world.database.name,
        DATA_KEY_ARN: world.kms.keyArn,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [out, error] = await Promise.all([
      readText(child.stdout),
      readText(child.stderr),
      once(child, 'close'),
    ])
    return { code: child.exitCode, out, error }
  }

  /** What commands left in the audit of a tenant, oldest first. */
  const audited = ({ tenantId: tenant }: { readonly tenantId: string }) =>
    world.dataApi.query(
      `select actor, action, purpose from audit_entries
       where tenant_id = :tenant::bigint and actor_kind = 'operator' order by audit_id`,
      { tenant },
    )

  describe('alerts', () => {
    it('are listed with what Meta said until somebody has seen them', async () => {
      const tenant = await world.addTenant()
      const { tenantId } = tenant
      const tell = (severity: 'info' | 'warning', subject: string) =>
        world.events.apply({
          events: [],
          parked: [],
          news: [
            {
              tenantId,
              event: {
                kind: 'account',
                channel: 'WHATSAPP',
                sender: {},
                topic: 'template-status',
                severity,
                subject,
                occurredAt: '2026-11-23T12:00:00.000Z',
                raw: { payload: { event: 'PAUSED', subject } },
              },
            },
          ],
        })
      await tell('warning', 'fatura pt_BR')
      await tell('info', 'aviso pt_BR')
      const [alert, ...rest] = await json(`alerts list --tenant ${tenantId} --json`)
      expect(rest).toEqual([])
      expect(alert).toMatchObject({
        topic: 'template-status',
        subject: 'fatura pt_BR',
        details: { payload: { event: 'PAUSED' } },
      })
      const shown = await typed(`alerts list --tenant ${tenantId} --all`)
      expect(shown).toMatchObject({ code: 0, error: '' })
      expect(shown.out).toMatch(/warning +template-status +fatura pt_BR/)
      expect(shown.out).toContain('2 shown')
      expect(await audited(tenant)).toEqual([
        { actor: userInfo().username, action: 'alerts list', purpose: 'unspecified' },
        { actor: userInfo().username, action: 'alerts list', purpose: 'unspecified' },
      ])
      await run(`alerts ack ${alert.accountEventId}`)
      expect(await run(`alerts list --tenant ${tenantId}`)).toBe('There are no alerts.')
      await expect(run('alerts ack 999999999')).rejects.toBeInstanceOf(CommandRefused)
      // Nothing that Meta wrote was shown.
      expect(await audited(tenant)).toHaveLength(2)
      await run(`alerts list --tenant ${tenantId} --all --as ana --purpose incident`)
      expect((await audited(tenant)).at(-1)).toEqual({
        ...{ actor: 'ana', action: 'alerts list', purpose: 'incident' },
      })
    })
  })

  describe('waiting', () => {
    it('names each message that is not final with the reason, and no other', async () => {
      const tenant = await world.addTenant()
      const inNewChat = async () => (await openChat(world, tenant)).chatId
      const waitingTask = await accept(world, tenant, { chatId: await inNewChat() })
      const behind = await accept(world, tenant, { chatId: waitingTask.chatId })
      const calling = await accept(world, tenant, { chatId: await inNewChat() })
      await claimOne(world, calling)
      const retried = await accept(world, tenant, { chatId: await inNewChat() })
      await settle(world, await claimOne(world, retried), {
        outcome: 'REJECTED',
        reason: 'throttled',
        retryInSeconds: 600,
      })
      const lost = await accept(world, tenant, { chatId: await inNewChat() })
      const unknown = { outcome: 'UNKNOWN', reason: 'timeout' } as const
      await settle(world, await claimOne(world, lost), unknown)
      const sent = await send(world, tenant, await inNewChat())
      const sendAt = new Date(Date.now() + 3_600_000).toISOString()
      const planned = await world.messages.accept(wish(tenant, await inNewChat(), { sendAt }))
      const refused = await accept(world, tenant, { chatId: await inNewChat() })
      await settle(world, await claimOne(world, refused), {
        outcome: 'REJECTED',
        reason: 'opted-out',
      })

      const found: { messageId: string; why: string }[] = await json(
        `waiting --tenant ${tenant.tenantId} --json`,
      )
      const reasons = Object.fromEntries(found.map(({ messageId, why }) => [messageId, why]))
      expect(reasons).toEqual({
        [waitingTask.messageId]: 'due',
        [behind.messageId]: 'behind-an-earlier-message',
        [calling.messageId]: 'calling-the-provider',
        [retried.messageId]: 'throttled',
        [lost.messageId]: 'waits-for-a-report',
        [sent.messageId]: 'waits-for-delivery',
        [planned.outcome === 'accepted' ? planned.messageId : '']: 'planned',
      })
      const table = await run(`waiting --tenant ${tenant.tenantId}`)
      for (const [messageId, why] of Object.entries(reasons)) {
        expect(table).toMatch(new RegExp(`^${messageId} .* ${why} `, 'm'))
      }
      expect(table).toContain('7 not final, oldest first.')
      expect(await run(`waiting --tenant ${tenant.tenantId} --limit 2`)).toContain(
        '2 not final, oldest first. There may be more: raise --limit.',
      )
    })

    it('tells of a breaker, half open too, and of a lease that ran out', async () => {
      const tenant = await world.addTenant()
      const [head, held] = [
        await accept(world, tenant, { chatId: (await openChat(world, tenant)).chatId }),
        await accept(world, tenant, { chatId: (await openChat(world, tenant)).chatId }),
      ]
      await settle(world, await claimOne(world, head), {
        outcome: 'REJECTED',
        reason: 'sender-token',
        code: 190,
        health: 'broken',
        retryInSeconds: 300,
      })
      const why = async (messageId: string) => {
        const found: { messageId: string; why: string }[] = await json(
          `waiting --tenant ${tenant.tenantId} --json`,
        )
        return found.find((each) => each.messageId === messageId)?.why
      }
      expect(await why(held.messageId)).toBe('breaker-open')
      await world.pass(301)
      await claimOne(world, head)
      expect(await why(held.messageId)).toBe('breaker-half-open')
      await world.pass(world.waits.leaseSeconds + 1)
      expect(await why(head.messageId)).toBe('lease-expired')
    })

    it('says so when nothing waits', async () => {
      const { tenantId } = await world.addTenant()
      expect(await run(`waiting --tenant ${tenantId}`)).toBe('Nothing waits.')
    })
  })

  describe('failures', () => {
    /** A queue with its dead-letter queue, as the stack makes them, and one recorded letter. */
    async function recorded(body: string, wakeUp?: { readonly tenantId: string }) {
      const name = fresh('Recado')
      const deadName = `${name}-dead-letters`
      await client.send(new CreateQueueCommand({ QueueName: deadName }))
      const deadUrl = `${aws.url}/${place.accountId}/${deadName}`
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: deadUrl, AttributeNames: ['QueueArn'] }),
      )
      const redrive = { deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 5 }
      await client.send(
        new CreateQueueCommand({
          QueueName: name,
          Attributes: { RedrivePolicy: JSON.stringify(redrive) },
        }),
      )
      const record = recording()
      await record([{ queue: deadName, queueMessageId: fresh('letter'), body, wakeUp }])
      const [newest] = await json('failures list --limit 1 --json')
      return { id: String(newest.taskFailureId), failure: newest, name, deadName }
    }

    async function received(name: string) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: `${aws.url}/${place.accountId}/${name}`,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 1,
        }),
      )
      return Messages
    }

    it('lists them, shows one opened, and puts it back once', async () => {
      const tenant = await world.addTenant()
      const body = JSON.stringify({ tenantId: tenant.tenantId, taskId: '77', note: 'canary' })
      const { id, failure, name, deadName } = await recorded(body, tenant)
      expect(failure).toMatchObject({
        tenantId: tenant.tenantId,
        queue: deadName,
        reason: 'not-processed',
      })
      expect(await run(`failures list --tenant ${tenant.tenantId}`)).toMatch(
        new RegExp(`^${id} .* ${tenant.tenantId} +${deadName} +not-processed +kept +-$`, 'm'),
      )
      const shown = await json(`failures show ${id} --as ana --purpose incident`)
      expect(shown).toEqual({ ...failure, body })
      expect(await audited(tenant)).toEqual([
        { actor: 'ana', action: 'failures show', purpose: 'incident' },
      ])

      const answer = await json(`failures retry ${id}`)
      const [message] = await received(name)
      expect(answer).toEqual({
        taskFailureId: id,
        queue: name,
        queueMessageId: message?.MessageId,
      })
      expect(message?.Body).toBe(body)
      expect(await run(`failures list --tenant ${tenant.tenantId}`)).toBe('There are no failures.')
      expect(await run(`failures list --tenant ${tenant.tenantId} --all`)).toContain(id)
      await expect(run(`failures retry ${id}`)).rejects.toThrow(CommandRefused)
      expect(await received(name)).toEqual([])
    })

    it.each([300_000, 1_000_000])('carries a body of %d bytes there and back', async (length) => {
      const body = `ação ${'x'.repeat(length)}`
      const { id, name } = await recorded(body)
      expect((await json(`failures show ${id}`)).body).toBe(body)
      await run(`failures retry ${id}`)
      expect((await received(name))[0]?.Body).toBe(body)
    })

    it('shows what a terminal would obey as text', async () => {
      const { id } = await recorded('\u001b[2J\u009b31m não é JSON')
      const shown = await run(`failures show ${id}`)
      for (const control of ['\u001b', '\u009b']) expect(shown).not.toContain(control)
      expect(JSON.parse(shown).body).toBe('\u001b[2J\u009b31m não é JSON')
    })

    it('dismisses what nobody will ever read', async () => {
      const { id, name } = await recorded('lixo')
      await run(`failures dismiss ${id}`)
      const listed: { taskFailureId: string }[] = await json('failures list --json')
      expect(listed.map(({ taskFailureId }) => taskFailureId)).not.toContain(id)
      expect(await received(name)).toEqual([])
    })

    it('leaves a letter open whose queue is gone', async () => {
      const record = recording()
      const queue = `${fresh('Gone')}-dead-letters`
      await record([{ queue, queueMessageId: fresh('letter'), body: 'x', wakeUp: undefined }])
      const [{ taskFailureId }] = await json('failures list --limit 1 --json')
      await expect(run(`failures retry ${taskFailureId}`)).rejects.toThrow(
        `No queue of this account and region sends its dead letters to ${queue}.`,
      )
      expect(await json('failures list --limit 1 --json')).toMatchObject([{ taskFailureId }])
    })

    it('does all of it as the functions role, from the command line', async () => {
      const { id, name } = await recorded('da linha de comando')
      const listed = await typed('failures list')
      expect(listed).toMatchObject({ code: 0, error: '' })
      expect(listed.out).toContain(`${name}-dead-letters`)
      expect((await typed(`failures show ${id}`)).out).toContain('da linha de comando')
      expect(await typed(`failures retry ${id}`)).toMatchObject({ code: 0, error: '' })
      expect((await received(name))[0]?.Body).toBe('da linha de comando')
      expect(await typed('waiting --limit 1')).toMatchObject({ code: 0, error: '' })
      expect(await typed('failures retry 999999')).toEqual({
        code: 1,
        out: '',
        error: 'ops: There is no failure 999999.\n',
      })
    })

    it.each([
      ['failures', /^There is no command "failures": .*failures list/],
      ['failures show', /^Missing: ID\.$/],
      ['failures show x', /^ID takes digits only/],
      ['failures show 1 --json', /Unknown option '--json'/],
      ['failures list --limit 0', /--limit /],
      ['waiting --limit 1.5', /^--limit takes a whole number of rows/],
      ['waiting --tenant a', /^--tenant takes the id of a tenant\.$/],
      ['waiting here', /Unexpected argument 'here'/],
      ['constructor', /^There is no command "constructor"/],
    ])('refuses %s in a sentence', (command, sentence) => {
      expect(() => readCommand(command.split(' '))).toThrow(sentence)
      expect(() => readCommand(command.split(' '))).toThrow(CommandRefused)
    })
  })
})
