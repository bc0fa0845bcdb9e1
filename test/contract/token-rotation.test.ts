import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type SecretsManager, startSecretsManager } from '#infra/local/secrets-manager.ts'
import { makeSecretStore } from '#shared/adapters/keys/secrets-manager-store.ts'
import { makeCloudApiProvider } from '#shared/adapters/whatsapp/cloud-api-provider.ts'
import { makeHistoryProbe } from '#shared/adapters/whatsapp/history-probe.ts'
import type { CloudApiOptions } from '#shared/adapters/whatsapp/messages-call.ts'
import { senderSecret } from '#shared/contracts/secrets.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeSendMessages } from '#shared/use-cases/send-messages.ts'
import { withoutFiles } from '#test/support/media.ts'
import { until } from '#test/support/stack.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import { accept, openChat, type WorldTenant } from '#test/support/stores-world.ts'
import { type Bench, startBench } from '#test/support/whatsapp-bench.ts'

const secretPrefix = 'recado/senders/'
/** Warm functions side by side, each with a memory of its own. */
const functions = 3
const batchSize = 4
const refusedCode = 190

describe("a sender's access token while it is rotated", () => {
  let world: PostgresWorld
  let phones: Bench
  let manager: SecretsManager
  let client: SecretsManagerClient
  let tenant: WorldTenant
  let numbers = 0
  let reads = 0
  let alerts: string[] = []

  beforeAll(async () => {
    world = await openPostgresWorld()
    phones = await startBench(undefined)
    manager = await startSecretsManager({ port: 0 })
    client = new SecretsManagerClient({
      endpoint: manager.url,
      region: 'sa-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    })
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'GetSecretValueCommand') reads += 1
          return next(args)
        },
      { step: 'initialize' },
    )
  })
  afterAll(async () => {
    client.destroy()
    await Promise.all([world.close(), phones.close(), manager.close()])
  })
  beforeEach(async () => {
    phones.clearLedger()
    reads = 0
    alerts = []
    numbers += 1
    const made = await world.addTenant()
    const sender = { phoneNumberId: `10654008${numbers}`, wabaId: `10229008${numbers}` }
    await world.owner.query(
      `update senders set phone_number_id = $2, waba_id = $3, secret_name = $4
       where sender_id = $1`,
      [made.senderId, sender.phoneNumberId, sender.wabaId, nameOfSecret()],
    )
    tenant = { ...made, sender }
    await client.send(
      new CreateSecretCommand({
        Name: `${secretPrefix}${nameOfSecret()}`,
        SecretString: JSON.stringify({ accessToken: 'old' }),
      }),
    )
    await takes('old')
  })

  const nameOfSecret = () => `sender-${numbers}`
  const write = (accessToken: string) =>
    client.send(
      new PutSecretValueCommand({
        SecretId: `${secretPrefix}${nameOfSecret()}`,
        SecretString: JSON.stringify({ accessToken }),
      }),
    )

  /** From now on Meta takes this token of the sender and refuses every other one. */
  async function takes(accessToken: string): Promise<void> {
    const number = { ...tenant.sender, accessToken, displayPhoneNumber: '+55 11 4000-0008' }
    expect(await phones.steer('PUT', 'numbers', number)).toMatchObject({ status: 200 })
  }

  /** Meta as a warm function has it. */
  function graph(): CloudApiOptions {
    const secrets = makeSecretStore(client, systemClock)
    return {
      graphUrl: phones.url,
      version: 'v26.0',
      token: async (name, options) =>
        senderSecret.parse(JSON.parse(await secrets.read(`${secretPrefix}${name}`, options)))
          .accessToken,
      timeoutMs: 10_000,
    }
  }

  function warm() {
    return makeSendMessages({
      ...withoutFiles,
      messages: world.messages,
      queue: { wake: async () => ({ failed: 0 }) },
      provider: makeCloudApiProvider(graph()),
      clock: systemClock,
      randomness: systemRandomness,
      waits: world.waits,
      alerts: { raise: (name) => alerts.push(name) },
    })
  }

  const acceptBatch = (chatIds: readonly string[]) =>
    Promise.all(chatIds.map((chatId) => accept(world, tenant, { chatId })))
  const openChats = () =>
    Promise.all(
      Array.from({ length: batchSize }, async () => (await openChat(world, tenant)).chatId),
    )

  const calls = () => phones.ledger().calls
  const acceptedCalls = () => calls().filter(({ accepted }) => accepted)
  const refusedCalls = () => calls().filter(({ accepted }) => !accepted)

  /** How often each message of the tenant was taken by Meta, and how its task ended. */
  async function sent() {
    const { rows } = await world.owner.query(
      `select m.status, t.state, t.attempts,
         (select array_agg(a.attempt_id::text) from send_attempts a
          where a.tenant_id = m.tenant_id and a.message_id = m.message_id) as attempt_ids
       from chat_messages m left join tasks t on t.tenant_id = m.tenant_id
         and t.message_id = m.message_id and t.type = 'MESSAGE_SEND'
       where m.tenant_id = $1`,
      [tenant.tenantId],
    )
    const times = Map.groupBy(acceptedCalls(), ({ attemptId }) => attemptId)
    return rows.map(({ attempt_ids, ...row }) => ({
      ...row,
      taken: ((attempt_ids ?? []) as string[]).flatMap((id) => times.get(id) ?? []).length,
    }))
  }

  async function breaker() {
    const { rows } = await world.owner.query(
      'select breaker, failures, reason, reason_code from sender_paces where sender_id = $1',
      [tenant.senderId],
    )
    return rows[0]
  }

  it('loses and doubles nothing in the middle of sends, and pauses nobody', async () => {
    let isOver = false
    let accepted = 0
    const traffic = Array.from({ length: functions }, async () => {
      const sendMessages = warm()
      const chatIds = await openChats()
      while (!isOver) {
        const batch = await acceptBatch(chatIds)
        accepted += batch.length
        await sendMessages(batch)
      }
    })
    const takenSince = (before: number) =>
      until(
        () => acceptedCalls().length,
        (count) => count >= before + functions * batchSize * 3,
      )
    await takenSince(0)
    await write('new')
    await takenSince(acceptedCalls().length)
    await takes('new')
    await takenSince(acceptedCalls().length)
    isOver = true
    await Promise.all(traffic)

    const messages = await sent()
    expect(messages).toHaveLength(accepted)
    const taken = Map.groupBy(messages, (message) => message.taken)
    expect(Object.fromEntries([...taken].map(([times, { length }]) => [times, length]))).toEqual({
      1: accepted,
    })
    expect(acceptedCalls()).toHaveLength(accepted)
    expect(new Set(messages.map(({ status }) => status))).toEqual(new Set(['SENT']))
    // The old token was met, by no more than what was under way at once.
    const refused = refusedCalls()
    expect(new Set(refused.map(({ code, httpStatus }) => `${code} ${httpStatus}`))).toEqual(
      new Set([`${refusedCode} 401`]),
    )
    expect(refused.length).toBeLessThanOrEqual(functions * batchSize)
    expect(await breaker()).toMatchObject({ breaker: 'CLOSED', failures: 0 })
    expect(alerts).toEqual([])
    expect(reads).toBe(functions * 2)
  })

  it('pauses the sender where the new one is not written yet, and then loses nothing', async () => {
    const sendMessages = warm()
    const chatIds = await openChats()
    await sendMessages(await acceptBatch(chatIds))
    await takes('new')
    const waiting = await acceptBatch(chatIds)
    await sendMessages(waiting)
    expect(await breaker()).toMatchObject({
      breaker: 'OPEN',
      reason: 'sender-token',
      reason_code: refusedCode,
    })
    expect(alerts).toEqual(['BreakerOpened'])
    expect(refusedCalls()).toHaveLength(batchSize)
    expect(reads).toBeLessThanOrEqual(1 + batchSize)
    const readsBefore = reads
    // Paused: nobody is called, nothing is read.
    await sendMessages(waiting)
    expect([refusedCalls().length, reads]).toEqual([batchSize, readsBefore])
    await write('new')
    for (let round = 0; round < 2; round += 1) {
      await world.pass(world.waits.senderRetrySeconds + 1)
      await sendMessages(waiting)
    }
    expect((await sent()).map(({ status, taken }) => ({ status, taken }))).toEqual(
      Array.from({ length: 2 * batchSize }, () => ({ status: 'SENT', taken: 1 })),
    )
    expect(await breaker()).toMatchObject({ breaker: 'CLOSED', failures: 0 })
    expect(acceptedCalls()).toHaveLength(2 * batchSize)
  })

  it('is read anew for the last look at a history, which nobody asks a second time', async () => {
    phones.configure({ messageHistory: true })
    const [chatId = ''] = await openChats()
    await warm()(await acceptBatch([chatId]))
    const { tenantId, senderId, sender } = tenant
    const { look } = makeHistoryProbe(graph())
    const probe = {
      ...{ tenantId, senderId, providerMessageId: acceptedCalls()[0]?.wamid ?? '' },
      sender: { ...sender, secretName: nameOfSecret() },
    }
    reads = 0
    expect(await look(probe)).toMatchObject({ outcome: 'events' })
    await takes('new')
    expect(await look(probe)).toEqual({ outcome: 'unavailable' })
    await write('new')
    expect(await look(probe)).toMatchObject({ outcome: 'events' })
    expect(reads).toBe(3)
  })
})
