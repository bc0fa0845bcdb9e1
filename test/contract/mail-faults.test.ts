import {
  GetAccountSendingEnabledCommand,
  SESClient,
  SendRawEmailCommand,
} from '@aws-sdk/client-ses'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MailView } from '#infra/local/mail/mailbox.ts'
import { type Mail, startMail } from '#infra/local/mail/server.ts'

let mail: Mail
let client: SESClient

function clientOf(endpoint: string, maxAttempts = 1): SESClient {
  return new SESClient({
    endpoint,
    region: 'sa-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts,
  })
}

beforeEach(async () => {
  mail = await startMail({ port: 0, region: 'sa-east-1' })
  client = clientOf(mail.url)
})
afterEach(async () => {
  client.destroy()
  await mail.close()
})

const simple = (to = 'ana@cliente.com.br') =>
  Buffer.from(['From: a@exemplo.com.br', `To: ${to}`, 'Subject: Oi', '', 'corpo'].join('\r\n'))
const sendRaw = (raw: Buffer) => client.send(new SendRawEmailCommand({ RawMessage: { Data: raw } }))
const getJson = async <T = MailView[]>(path: string) =>
  (await (await fetch(`${mail.url}${path}`)).json()) as T

describe('faults', () => {
  const addFault = (fault: unknown) =>
    fetch(`${mail.url}/_mail/faults`, { method: 'POST', body: JSON.stringify(fault) })

  it.each([
    ['throttle', 'Throttling', 0],
    ['error', 'InternalFailure', 0],
    ['reset', 'ECONNRESET', 0],
    ['error-after-accepting', 'InternalFailure', 1],
    ['reset-after-accepting', 'ECONNRESET', 1],
  ])('%s fails one send with %s and accepts %i', async (kind, code, accepted) => {
    expect((await addFault({ kind })).status).toBe(204)
    const failure: unknown = await sendRaw(simple()).catch((error: unknown) => error)
    expect([(failure as { name: string }).name, (failure as { code?: string }).code]).toContain(
      code,
    )
    expect(await mail.messages()).toHaveLength(accepted)
    await sendRaw(simple())
    expect(await mail.messages()).toHaveLength(accepted + 1)
  })

  it('hangs after accepting until the caller gives up', async () => {
    mail.fail({ kind: 'hang-after-accepting' })
    const stop = new AbortController()
    const sending = client.send(new SendRawEmailCommand({ RawMessage: { Data: simple() } }), {
      abortSignal: stop.signal,
    })
    const outcome = expect(sending).rejects.toMatchObject({ name: 'AbortError' })
    await expect.poll(() => mail.messages()).toHaveLength(1)
    stop.abort()
    await outcome
  })

  it('sends twice when the SDK tries again what was accepted', async () => {
    mail.fail({ kind: 'error-after-accepting' })
    const eager = clientOf(mail.url, 3)
    await eager.send(new SendRawEmailCommand({ RawMessage: { Data: simple() } }))
    expect(await mail.messages()).toHaveLength(2)
  })

  it('stays paused until the faults are cleared', async () => {
    const enabled = async () => (await client.send(new GetAccountSendingEnabledCommand())).Enabled
    expect(await enabled()).toBe(true)
    mail.fail({ kind: 'paused' })
    mail.fail({ kind: 'throttle', count: 2 })
    expect(await getJson('/_mail/faults')).toEqual([
      { kind: 'paused' },
      { kind: 'throttle', count: 2 },
    ])
    for (const name of ['Throttling', 'Throttling']) {
      await expect(sendRaw(simple())).rejects.toMatchObject({ name })
    }
    for (let time = 0; time < 3; time += 1) {
      await expect(sendRaw(simple())).rejects.toMatchObject({
        name: 'AccountSendingPausedException',
      })
    }
    expect(await enabled()).toBe(false)
    await fetch(`${mail.url}/_mail/faults`, { method: 'DELETE' })
    await sendRaw(simple())
    expect(await enabled()).toBe(true)
  })

  it('refuses a fault it does not know', async () => {
    expect((await addFault({ kind: 'flood' })).status).toBe(400)
    expect((await addFault({ kind: 'throttle', count: 0 })).status).toBe(400)
  })
})

describe('the mailbox', () => {
  it('finds by recipient, takes the newest, and is emptied', async () => {
    for (const to of ['ana', 'rui', 'ana', 'ana']) await sendRaw(simple(`${to}@cliente.com.br`))
    expect(await getJson('/_mail/messages?to=Ana@cliente.com.br')).toHaveLength(3)
    const all = await getJson('/_mail/messages')
    expect(await getJson('/_mail/messages?limit=2')).toEqual(all.slice(-2))
    expect((await fetch(`${mail.url}/_mail/messages?limit=x`)).status).toBe(400)
    expect((await fetch(`${mail.url}/_mail/messages/none`)).status).toBe(404)
    await fetch(`${mail.url}/_mail/messages`, { method: 'DELETE' })
    expect(await getJson('/_mail/messages')).toEqual([])
  })

  it('has a page of its own that may load nothing from elsewhere', async () => {
    const page = await fetch(mail.url)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    const html = await page.text()
    expect(html).toContain('<html lang="pt-BR">')
    expect(html).not.toMatch(/(src|href)="/)
    expect(html).toContain("setAttribute('sandbox', '')")
  })
})
