import { SESClient } from '@aws-sdk/client-ses'
import PostalMime from 'postal-mime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MailFault } from '#infra/local/mail/faults.ts'
import { type Mail, startMail } from '#infra/local/mail/server.ts'
import { makeSesProvider } from '#shared/adapters/email/ses-provider.ts'
import { sesMessageIdHeader } from '#shared/domain/email-thread.ts'
import type { EmailDelivery } from '#shared/ports/email-provider.ts'
import { attemptId, delivery } from '#test/support/email.ts'

const region = 'sa-east-1'
const timeoutMs = 20_000
let mail: Mail
const clients: SESClient[] = []

function clientOf(endpoint: string, maxAttempts = 1): SESClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new SESClient({ endpoint, region, credentials, maxAttempts })
  clients.push(client)
  return client
}

const providerAt = (endpoint: string, waitMs = timeoutMs) =>
  makeSesProvider({ client: clientOf(endpoint), timeoutMs: waitMs })

beforeEach(async () => {
  mail = await startMail({ port: 0, region })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await mail.close()
})

const sent = async (more: Partial<EmailDelivery> = {}) => {
  const result = await providerAt(mail.url).send(delivery(more))
  return { result, mails: await mail.messages() }
}
const rawOf = async (id: string) => (await fetch(`${mail.url}/_mail/messages/${id}/raw`)).text()

describe('a mail', () => {
  it('goes once, with its parts, tags and headers', async () => {
    const { result, mails } = await sent({
      html: '<p>Segue a <b>nota</b>.</p>',
      attachments: [
        {
          filename: 'nota fiscal nº 1.pdf',
          mimeType: 'application/pdf',
          bytes: Buffer.from('%PDF-'),
        },
      ],
      messageRefs: {
        inReplyTo: '<cliente-1@cliente.com.br>',
        references: ['<chat.01j9abcdefghijkl@exemplo.com.br>', '<cliente-1@cliente.com.br>'],
      },
      unsubscribe: { url: 'https://u.exemplo.com.br/1c/tok?a=1&b=2' },
    })
    expect(mails).toHaveLength(1)
    const [shown] = mails
    expect(result).toEqual({ outcome: 'accepted', providerMessageId: shown?.id, held: false })
    expect(shown).toMatchObject({
      from: 'Cobrança Exemplo <atendimento@exemplo.com.br>',
      to: ['ana@cliente.com.br'],
      subject: 'Olá, Ana 👋',
      text: 'Segue a nota.\nAtenção: vence amanhã.\n',
      html: '<p>Segue a <b>nota</b>.</p>\n',
      tags: { attempt_id: attemptId, tenant_id: '7' },
      configurationSet: 'chat',
      attachments: [
        {
          filename: 'nota fiscal nº 1.pdf',
          mimeType: 'application/pdf',
          disposition: 'attachment',
          sizeBytes: 5,
        },
      ],
    })
    const header = (name: string) => shown?.headers.find((each) => each.name === name)?.value
    expect(header('Message-ID')).toBe(sesMessageIdHeader(shown?.id ?? '', region))
    expect(header('Reply-To')).toBe('chat+01j9abcdefghijkl@in.exemplo.com.br')
    expect(header('In-Reply-To')).toBe('<cliente-1@cliente.com.br>')
    expect(header('References')).toBe(
      '<chat.01j9abcdefghijkl@exemplo.com.br> <cliente-1@cliente.com.br>',
    )
    expect(header('List-Unsubscribe')).toBe('<https://u.exemplo.com.br/1c/tok?a=1&b=2>')
    expect(header('List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click')
    expect(header('X-Recado-Attempt')).toBe(attemptId)
    const { to } = await PostalMime.parse(await rawOf(shown?.id ?? ''))
    expect(to).toEqual([{ name: 'Ana "Aninha" Souza', address: 'ana@cliente.com.br' }])
  })

  it('is plain text without HTML, and has no header that was not asked for', async () => {
    const { replyTo: _, configurationSet: __, ...bare } = delivery()
    await providerAt(mail.url).send(bare)
    const [shown] = await mail.messages()
    expect(shown).toMatchObject({ html: null, configurationSet: null, attachments: [] })
    expect(shown?.headers.map(({ name }) => name)).toEqual([
      'Return-Path',
      'Message-ID',
      'Date',
      'X-Recado-Attempt',
      'From',
      'To',
      'Subject',
      'Content-Transfer-Encoding',
      'MIME-Version',
      'Content-Type',
    ])
  })

  it('is composed of the same bytes each time, but for its date', async () => {
    const html = '<p>Olá</p>'
    const raws = []
    for (let time = 0; time < 2; time += 1) {
      const { result } = await sent({ html })
      if (result.outcome !== 'accepted') throw new Error(result.outcome)
      raws.push(
        (await rawOf(result.providerMessageId)).replace(
          /^(Message-ID|Date|Return-Path):.*\r\n/gm,
          '',
        ),
      )
    }
    expect(raws[0]).toBe(raws[1])
    expect(raws[0]).not.toMatch(/(?<!\r)\n|\r(?!\n)/)
  })

  it('keeps the first reference and the last ten, within one header', async () => {
    const references = Array.from({ length: 40 }, (_, index) => `<m${index}@cliente.com.br>`)
    const { mails } = await sent({ messageRefs: { references } })
    const header = mails[0]?.headers.find(({ name }) => name === 'References')?.value
    expect(header?.split(/\s+/)).toEqual([references[0], ...references.slice(-10)])
  })

  it('keeps long words of a header whole', async () => {
    const url = `https://u.exemplo.com.br/${'a'.repeat(800)}`
    const reference = `<${'r'.repeat(900)}@cliente.com.br>`
    const subject = 'Cobrança 👍'.repeat(75)
    const { mails } = await sent({
      subject,
      unsubscribe: { url },
      messageRefs: { references: [reference, '<a@b.com>'] },
    })
    expect(mails[0]?.subject).toBe(subject)
    const header = (name: string) => mails[0]?.headers.find((each) => each.name === name)?.value
    expect(header('List-Unsubscribe')).toBe(`<${url}>`)
    expect(header('References')).toBe(`${reference} <a@b.com>`)
    const { result } = await sent({ unsubscribe: { url } })
    if (result.outcome !== 'accepted') throw new Error(result.outcome)
    const lines = (await rawOf(result.providerMessageId)).split('\r\n')
    expect(lines.every((line) => line.length <= 998)).toBe(true)
  })

  it.each([
    ['us-east-1', '<0100-1@email.amazonses.com>'],
    ['sa-east-1', '<0100-1@sa-east-1.amazonses.com>'],
  ])('has an id on the wire of %s', (where, header) => {
    expect(sesMessageIdHeader('0100-1', where)).toBe(header)
  })
})

describe('what a header must not carry', () => {
  const invalid = { outcome: 'rejected', reason: 'invalid-request' }
  const noRecipient = { outcome: 'rejected', reason: 'recipient-address-invalid' }
  const injected = '\r\nBcc: oculto@mal.com'
  const to = (address: string) => ({ to: { address } })
  const named = (name: string) => ({ to: { address: 'ana@cliente.com.br', name } })

  it.each<[string, Partial<EmailDelivery>, object]>([
    ['CR LF in the subject', { subject: `Oi${injected}` }, invalid],
    ['LF alone in the subject', { subject: 'Oi\nBcc: oculto@mal.com' }, invalid],
    ['CR alone in the subject', { subject: 'Oi\rBcc: oculto@mal.com' }, invalid],
    ['NUL in the subject', { subject: 'Oi\u0000' }, invalid],
    ['U+2028 in the subject', { subject: 'Oi\u2028Bcc: oculto@mal.com' }, invalid],
    ['U+2029 in the subject', { subject: 'Oi\u2029' }, invalid],
    ['U+0085 in the subject', { subject: 'Oi\u0085Bcc: oculto@mal.com' }, invalid],
    ['half a character in the subject', { subject: 'Oi \ud83d' }, invalid],
    ['a subject of 901 characters', { subject: 'a'.repeat(901) }, invalid],
    ['NUL in the name of the sender', { from: { address: 'a@b.com', name: 'A\u0000' } }, invalid],
    [
      'U+2028 in the name of the sender',
      { from: { address: 'a@b.com', name: 'A\u2028' } },
      invalid,
    ],
    ['a name of 201 characters', { from: { address: 'a@b.com', name: 'a'.repeat(201) } }, invalid],
    [
      'LF in the name of the sender',
      { from: { address: 'a@b.com', name: 'A\nBcc: x@y.com' } },
      invalid,
    ],
    ['CR LF in the address', to(`ana@cliente.com.br${injected}`), noRecipient],
    ['NUL in the address', to('ana@cliente.com.br\u0000'), noRecipient],
    ['U+2028 in the address', to('ana@cliente.com.br\u2028'), noRecipient],
    ['two addresses', to('ana@cliente.com.br, rui@cliente.com.br'), noRecipient],
    ['an address within an address', to('ana@x.com <rui@y.com>'), noRecipient],
    ['a space', to('ana souza@cliente.com.br'), noRecipient],
    ['a quoted local part', to('"ana souza"@cliente.com.br'), noRecipient],
    ['letters beyond ASCII before the @', to('joão@cliente.com.br'), noRecipient],
    ['no local part', to('@cliente.com.br'), noRecipient],
    ['no domain', to('ana@'), noRecipient],
    ['no @', to('ana'), noRecipient],
    ['a domain of one label', to('ana@localhost'), noRecipient],
    ['a host by number', to('ana@127.0.0.1'), noRecipient],
    ['a host by number in brackets', to('ana@[127.0.0.1]'), noRecipient],
    ['a port', to('ana@cliente.com.br:25'), noRecipient],
    ['two dots', to('ana..b@cliente.com.br'), noRecipient],
    ['a dot at the end', to('ana.@cliente.com.br'), noRecipient],
    ['an underscore in the domain', to('ana@cli_ente.com.br'), noRecipient],
    ['a percent sign in the domain', to('ana@cliente%2ecom.br'), noRecipient],
    ['a local part of 65', to(`${'a'.repeat(65)}@cliente.com.br`), noRecipient],
    ['an address of 300', to(`a@${'b.'.repeat(148)}br`), noRecipient],
    ['no sender', { from: { address: 'nobody' } }, invalid],
    ['CR LF in the reply address', { replyTo: `a@b.com${injected}` }, invalid],
    ['a space in the configuration set', { configurationSet: 'a b' }, invalid],
    ['LF in the attempt id', { attemptId: 'a\nb' }, invalid],
    ['a comma in the tenant id', { tenantId: '7,8' }, invalid],
    ['http to unsubscribe', { unsubscribe: { url: 'http://u.com/1' } }, invalid],
    ['mailto to unsubscribe', { unsubscribe: { url: 'mailto:u@u.com' } }, invalid],
    [
      'CR LF in the URL to unsubscribe',
      { unsubscribe: { url: `https://u.com/${injected}` } },
      invalid,
    ],
    ['no URL to unsubscribe', { unsubscribe: { url: '' } }, invalid],
    ['a URL of 901', { unsubscribe: { url: `https://u.com/${'a'.repeat(900)}` } }, invalid],
  ])('%s: refused, and no request made', async (_case, more, answer) => {
    const { result, mails } = await sent(more)
    expect(result).toEqual(answer)
    expect(mails).toEqual([])
  })

  it.each<[string, Partial<EmailDelivery>, RegExp]>([
    [
      'CR LF in the name',
      named(`Ana${injected}`),
      /^To: "Ana Bcc: oculto@mal\.com" <ana@cliente\.com\.br>\r$/m,
    ],
    [
      'NUL, U+0085 and U+2028 in the name',
      named('A\u0000n\u0085a\u2028b'),
      /^To: A n a b <ana@cliente\.com\.br>\r$/m,
    ],
    ['a name of 300', named('a'.repeat(300)), /^To:\r\n a{200}\r\n <ana@cliente\.com\.br>\r$/m],
    [
      'a name that ends its quotes',
      named('Ana" <rui@mal.com>, "'),
      /^To: "Ana\\" <rui@mal\.com>, \\"" <ana@cliente\.com\.br>\r$/m,
    ],
    [
      'a name that is an address',
      named('rui@mal.com'),
      /^To: "rui@mal\.com" <ana@cliente\.com\.br>\r$/m,
    ],
    [
      'a name of encoded words',
      named('=?UTF-8?B?UnVp?='),
      /^To: "?=\?UTF-8\?[BQ]\?.*<ana@cliente\.com\.br>\r$/m,
    ],
    [
      'an international domain',
      to('ana@açaí.com.br'),
      /^To: ana@xn--aa-yiab2a\.com\.br\r$|^To: ana@xn--[a-z0-9-]+\.com\.br\r$/m,
    ],
    ['capital letters', to('Ana@Cliente.COM.BR'), /^To: ana@cliente\.com\.br\r$/m],
    [
      'angle brackets in the URL',
      { unsubscribe: { url: 'https://u.com/<a>?b=<c>' } },
      /^List-Unsubscribe: <https:\/\/u\.com\/%3Ca%3E\?b=%3Cc%3E>\r$/m,
    ],
    [
      'a reference that is none',
      {
        messageRefs: {
          inReplyTo: 'x\r\nBcc: a@b.com',
          references: ['<a b@c>', 'd', '<e@f>\r\nBcc: a@b.com', '<g@h>'],
        },
      },
      /^References: <g@h>\r$/m,
    ],
    [
      'a path in a file name',
      {
        attachments: [
          {
            filename: '../../etc/pa\r\nss"wd\u202efdp.exe',
            mimeType: 'text/plain\r\nX: 1',
            bytes: Buffer.from('a'),
          },
        ],
      },
      /^Content-Type: application\/octet-stream; name="?pa ss_wdfdp\.exe"?\r$/m,
    ],
    [
      'a mail as an attachment',
      {
        attachments: [
          {
            filename: 'a.eml',
            mimeType: 'message/rfc822',
            bytes: Buffer.from('Bcc: a@b.com\r\n\r\n.'),
          },
        ],
      },
      /^Content-Type: application\/octet-stream; name=a\.eml\r$/m,
    ],
    [
      'NUL, half a character and lone CR in the text',
      { text: 'a\u0000b\ud83dc\rd' },
      /^ab=EF=BF=BDc\r\nd\r\n$/m,
    ],
  ])('%s: harmless on the wire', async (_case, more, line) => {
    const { result, mails } = await sent(more)
    if (result.outcome !== 'accepted') throw new Error(JSON.stringify(result))
    expect(mails).toHaveLength(1)
    expect(mails[0]?.to).toHaveLength(1)
    expect(mails[0]?.headers.some(({ name }) => /^(bcc|x)$/i.test(name))).toBe(false)
    expect(mails[0]?.attachments).toHaveLength(more.attachments?.length ?? 0)
    expect(await rawOf(result.providerMessageId)).toMatch(line)
  })

  it('is too large when base64 makes it so, before anything is sent', async () => {
    const file = (bytes: number) => [
      { filename: 'a.bin', mimeType: 'application/octet-stream', bytes: new Uint8Array(bytes) },
    ]
    const over = { outcome: 'rejected', reason: 'message-too-large' }
    expect((await sent({ attachments: file(20_000_000) })).result).toEqual(over)
    expect((await sent({ attachments: file(7_800_000) })).result).toEqual(over)
    expect((await sent({ text: 'a'.repeat(10_600_000) })).result).toEqual(over)
    const fits = await sent({ attachments: file(7_500_000) })
    expect(fits.result.outcome).toBe('accepted')
    expect(fits.mails).toHaveLength(1)
  })
})

describe('a fault of SES', () => {
  const unknown = (detail: string) => ({ outcome: 'unknown', detail })
  const stopped = (reason: string) => ({ outcome: 'unavailable', scope: 'sender', reason })

  it.each<[MailFault['kind'], object, number]>([
    ['throttle', { outcome: 'throttled', scope: 'sender' }, 0],
    ['daily-quota', stopped('email-daily-quota'), 0],
    ['paused', stopped('email-sending-paused'), 0],
    ['error', unknown('server-error'), 0],
    ['reset', unknown('connection-lost'), 0],
    ['error-after-accepting', unknown('server-error'), 1],
    ['reset-after-accepting', unknown('connection-lost'), 1],
  ])(
    '%s is answered for what it is, and never makes a second mail',
    async (kind, result, count) => {
      mail.fail({ kind })
      expect(await sent()).toMatchObject({ result, mails: { length: count } })
      mail.clearFaults()
      expect(await sent()).toMatchObject({
        result: { outcome: 'accepted' },
        mails: { length: count + 1 },
      })
    },
  )

  it('a silence is unknown after the time allowed, and the mail went once', async () => {
    mail.fail({ kind: 'hang-after-accepting' })
    const result = await providerAt(mail.url, 1500).send(delivery())
    expect(result).toEqual(unknown('timeout'))
    expect(await mail.messages()).toHaveLength(1)
  })

  it('an identity that is not verified stops the sender', async () => {
    await mail.close()
    mail = await startMail({
      port: 0,
      region,
      verifiedIdentities: ['outra.com.br'],
      configurationSets: ['chat'],
    })
    expect((await sent()).result).toEqual(stopped('sender-identity'))
    const from = { address: 'a@outra.com.br' }
    expect((await sent({ from })).result).toMatchObject({ outcome: 'accepted' })
    expect((await sent({ from, configurationSet: 'none' })).result).toEqual(stopped('email-setup'))
  })

  it('is not asked by a client that would try again on its own', async () => {
    const eager = makeSesProvider({ client: clientOf(mail.url, 3), timeoutMs })
    await expect(eager.send(delivery())).rejects.toThrow('maxAttempts: 1')
    expect(await mail.messages()).toEqual([])
  })
})
