import { randomUUID } from 'node:crypto'
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoTenant } from '#infra/local/demo-tenants.ts'
import { place } from '#infra/local/resources.ts'
import { type Flow, startFlow, until } from '#test/support/stack.ts'

/** From the mailbox's events by SNS and SQS to what the API shows. */
describe('what becomes of a mail', () => {
  let flow: Flow
  let ses: SESClient
  beforeAll(async () => {
    flow = await startFlow()
    ses = new SESClient({
      endpoint: flow.stack.ready.mail,
      region: place.region,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    })
  })
  afterAll(async () => {
    ses?.destroy()
    await flow.stop()
  })

  /** A mail whose call to SES has just begun. */
  async function claimedMail(address: string) {
    const contacts = [{ channel: 'EMAIL', address }]
    const person = { externalId: randomUUID() }
    const { json } = await flow.ask('POST /chats', { body: { person, contacts } })
    const attemptId = randomUUID()
    const [row] = await flow.rows(claimedSql, [json?.chatId, attemptId])
    return { chatId: String(json?.chatId), attemptId, tenantId: String(row?.tenant), address }
  }

  /** Sends it as the function `message-send` does; its answer is lost. */
  async function send({ address, attemptId, tenantId }: Awaited<ReturnType<typeof claimedMail>>) {
    const { fromAddress, configurationSet } = demoTenant.mail
    const raw = [`From: ${fromAddress}`, `To: ${address}`, 'Subject: Boleto', '', 'Segue.']
    await ses.send(
      new SendRawEmailCommand({
        RawMessage: { Data: Buffer.from(raw.join('\r\n')) },
        ConfigurationSetName: configurationSet,
        Tags: [
          { Name: 'attempt_id', Value: attemptId },
          { Name: 'tenant_id', Value: tenantId },
        ],
      }),
    )
  }

  const suppressionOf = async (address: string) => {
    const query = `?channel=EMAIL&address=${encodeURIComponent(address)}` as const
    const { json } = await flow.ask(`GET /suppressions${query}`)
    const [found] = (json?.items ?? []) as { reason: string }[]
    return found
  }

  it.each([
    { to: 'late-bounce', events: 3, status: 'FAILED', reason: 'hard-bounce', cause: 'hard-bounce' },
    { to: 'no-email', events: 2, status: 'FAILED', reason: 'hard-bounce', cause: 'hard-bounce' },
    { to: 'mailbox-full', events: 2, status: 'FAILED', reason: 'mailbox-full' },
    { to: 'late-soft-bounce', events: 3, status: 'DELIVERED' },
    { to: 'bounce-then-delivery', events: 3, status: 'DELIVERED' },
    { to: 'opened', events: 3, status: 'DELIVERED' },
  ])('to $to is $status($reason), and $cause against the address', async ({ to, ...expected }) => {
    const mail = await claimedMail(`${to}@simulator.test`)
    await send(mail)
    await until(
      () => flow.rows(toldSql, [mail.chatId]),
      ({ length }) => length === expected.events,
    )
    const [message] = await flow.thread(mail.chatId)
    expect(message).toMatchObject({ status: expected.status })
    expect(message?.reason).toBe(expected.reason)
    expect((await suppressionOf(mail.address))?.reason).toBe(expected.cause)
  })

  it('leaves nothing behind: no report without its mail, no dead letter', async () => {
    const { rows } = await flow.owner.query(
      `select count(*)::int as waiting from message_status where message_id is null`,
    )
    expect(rows).toEqual([{ waiting: 0 }])
    const failures = await flow.rows('select reason from task_failures')
    expect(failures).toEqual([])
  })
})

const toldSql = `select s.status from message_status s
  join chat_messages m using (tenant_id, message_id) where m.chat_id = $1`

const claimedSql = `with made as (
    insert into chat_messages (tenant_id, chat_id, sequence, direction, channel, contact_id,
      sender_id, content_type, row_token, status, expires_at)
    select c.tenant_id, c.chat_id, 1, 'OUTBOUND', 'EMAIL', r.contact_id, r.sender_id, 'email',
      gen_random_uuid(), 'SENDING', now() + interval '1 day'
    from chats c
    join send_routes r on r.tenant_id = c.tenant_id and r.person_id = c.person_id
      and r.channel = 'EMAIL'
    where c.chat_id = $1
    returning tenant_id, message_id, chat_id
  ), sends as (
    insert into tasks (tenant_id, type, message_id, chat_id, channel, sequence, state, due_at)
    select tenant_id, 'MESSAGE_SEND', message_id, chat_id, 'EMAIL', 1, 'DONE', now() from made
    returning tenant_id, message_id, task_id
  )
  insert into send_attempts (tenant_id, attempt_id, message_id, task_id, channel, number, fence,
    outcome)
  select tenant_id, $2, message_id, task_id, 'EMAIL', 1, 1, 'UNKNOWN' from sends
  returning tenant_id::text as tenant`
