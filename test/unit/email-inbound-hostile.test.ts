import { describe, expect, it } from 'vitest'
import { readInboundMail } from '#shared/adapters/email/inbound-mail.ts'
import type { InboundMail } from '#shared/domain/inbound-mail.ts'
import { b64, from, message, receipt } from '#test/support/email.ts'

const read = (raw: string | Uint8Array, envelope = receipt()) =>
  readInboundMail(typeof raw === 'string' ? Buffer.from(raw) : raw, envelope)
const whole = { attachments: 0, text: false, parts: false }

describe('an author', () => {
  const nobody = undefined
  it.each<[string, string[], InboundMail['from']]>([
    ['none', [], nobody],
    ['without an address', ['From: Ana'], nobody],
    ['empty', ['From: <>'], nobody],
    ['twice', [from, 'From: rui@mal.com'], nobody],
    ['two in one header', ['From: ana@a.com, rui@mal.com'], nobody],
    ['two, one of them quoted', ['From: "a@b.com, c" <ana@a.com>, rui@mal.com'], nobody],
    ['a group of two', ['From: nos: ana@a.com, rui@mal.com;'], nobody],
    [
      'a comma in quotes',
      ['From: "Souza, Ana" <ana@a.com>'],
      { address: 'ana@a.com', name: 'Souza, Ana' },
    ],
    ['in capitals', ['From: ANA@Cliente.COM.BR'], { address: 'ana@cliente.com.br' }],
    [
      'whose name is another address',
      ['From: "cobranca@banco.com.br" <x@mal.com>'],
      { address: 'x@mal.com' },
    ],
    [
      'whose name holds another',
      ['From: "Banco (cobranca@banco.com.br)" <x@mal.com>'],
      { address: 'x@mal.com' },
    ],
    [
      'whose name has a full-width @',
      [`From: =?utf-8?B?${b64('pix＠banco.com.br')}?= <x@mal.com>`],
      { address: 'x@mal.com' },
    ],
    [
      'whose encoded name is an address in brackets',
      [`From: =?utf-8?B?${b64('<ana@banco.com.br>')}?= <x@mal.com>`],
      { address: 'x@mal.com' },
    ],
    ['whose name is that address', ['From: "x@mal.com" <x@mal.com>'], { address: 'x@mal.com' }],
    [
      'whose name turns the text',
      [`From: =?utf-8?B?${b64('Ana\u202emoc.ocnab\u202c')}?= <x@mal.com>`],
      { address: 'x@mal.com', name: 'Anamoc.ocnab' },
    ],
    [
      'whose name hides characters',
      [`From: =?utf-8?B?${b64('A\u200bn\u00ada\ufeff')}?= <x@mal.com>`],
      { address: 'x@mal.com', name: 'Ana' },
    ],
    [
      'with CR LF in an encoded name',
      [`From: =?utf-8?B?${b64('Ana\r\nBcc: y@z.com')}?= <x@mal.com>`],
      { address: 'x@mal.com' },
    ],
    [
      'with NUL and U+2028 in an encoded name',
      [`From: =?utf-8?B?${b64('A\u0000n\u2028a')}?= <x@mal.com>`],
      { address: 'x@mal.com', name: 'A n a' },
    ],
    [
      'with a name of 100,000',
      [`From: ${'a'.repeat(1500)} <x@mal.com>`],
      { address: 'x@mal.com', name: 'a'.repeat(200) },
    ],
    ['with a header of 100,000', [`From: ${'"\\'.repeat(50_000)} <x@mal.com>`], nobody],
    [
      'of an international domain',
      ['From: ana@açaí.com.br'],
      { address: 'ana@xn--aa-4iaz.com.br' },
    ],
    [
      'of a domain that looks like another',
      ['From: x@b\u0430nco.com.br'],
      { address: 'x@xn--bnco-53d.com.br' },
    ],
    ['with letters beyond ASCII', ['From: joão@cliente.com.br'], nobody],
    ['with the Kelvin sign', ['From: \u212aarl@cliente.com.br'], nobody],
    ['quoted before the @', ['From: "ana souza"@cliente.com.br'], nobody],
    ['with a quoted @ before the @', ['From: "ana@banco.com.br"@mal.com'], nobody],
    ['in a comment', ['From: (ana@banco.com.br) x@mal.com'], { address: 'x@mal.com' }],
    ['at a host by number', ['From: ana@[127.0.0.1]'], nobody],
    [
      'after a header that is not one',
      ['\u00a0From: rui@mal.com', from],
      { address: 'ana@cliente.com.br', name: 'Ana' },
    ],
  ])('%s', async (_case, headers, expected) => {
    const mail = await read(message(headers))
    expect(mail.from).toEqual(expected)
    expect(mail).toMatchObject({ text: 'oi', left: whole })
  })
})

describe('a subject', () => {
  it.each<[string, string, string]>([
    ['none', 'X: y', ''],
    [
      'with CR LF inside an encoded word',
      `Subject: =?utf-8?B?${b64('Oi\r\nBcc: x@y.com')}?=`,
      'Oi Bcc: x@y.com',
    ],
    [
      'with NUL, U+0085 and U+2028',
      `Subject: =?utf-8?B?${b64('a\u0000b\u0085c\u2028d')}?=`,
      'a b c d',
    ],
    ['with a lone CR', 'Subject: a\rb', 'a b'],
    ['folded', 'Subject: a\r\n\tb', 'a b'],
    ['in Latin-1', 'Subject: =?iso-8859-1?Q?Cobran=E7a?=', 'Cobrança'],
    ['in a charset that does not exist', 'Subject: =?x-nope?Q?abc?=', 'abc'],
    ['in Latin-1 without saying so', 'Subject: Cobran\u00e7a', 'Cobrança'],
    [
      'split within a character',
      'Subject: =?utf-8?B?w6c=?= =?utf-8?Q?=C3?= =?utf-8?Q?=A3o?=',
      'ção',
    ],
    ['that turns the text', `Subject: =?utf-8?B?${b64('fatura\u202efdp.exe')}?=`, 'faturafdp.exe'],
    ['of 100,000', `Subject: ${'a'.repeat(100_000)}`, 'a'.repeat(900)],
    ['cut within a character', `Subject: ${'a'.repeat(899)}👍`, `${'a'.repeat(899)}\ufffd`],
  ])('%s', async (_case, header, subject) => {
    expect((await read(message([from, header]))).subject).toBe(subject)
  })
})

describe('ids', () => {
  it.each<[string, string[], object]>([
    ['none', ['Message-ID: none', 'References: a b'], { references: [] }],
    [
      'with blanks within',
      ['Message-ID: <a b@c>', 'References: <a\r\n b@c> <d@e>'],
      { references: ['<d@e>'] },
    ],
    ['glued together', ['References: <a@b><c@d>,<a@b>'], { references: ['<a@b>', '<c@d>'] }],
    ['in a comment too', ['In-Reply-To: Your mail (<x@y>) of today'], { inReplyTo: '<x@y>' }],
    ['beyond ASCII', ['In-Reply-To: <ação@y> <b@c>'], { inReplyTo: '<b@c>' }],
    [
      'of 2,000 characters',
      [`References: <${'a'.repeat(2000)}@b> <c@d>`],
      { references: ['<c@d>'] },
    ],
  ])('%s', async (_case, headers, expected) => {
    const mail = await read(message([from, ...headers]))
    expect(mail).toMatchObject(expected)
    expect(mail.messageId).toBeUndefined()
  })

  it('are fifty at most', async () => {
    const ids = Array.from({ length: 2000 }, (_, index) => `<m${index}@b>`)
    const { references } = await read(message([from, `References: ${ids.join('\r\n ')}`]))
    expect(references).toEqual(ids.slice(0, 50))
  })
})

describe('a text', () => {
  const typed = (type: string, encoding = '8bit') => [
    from,
    `Content-Type: ${type}`,
    `Content-Transfer-Encoding: ${encoding}`,
  ]
  it.each<[string, string | Uint8Array, string]>([
    ['empty', message([from], ''), ''],
    ['of nothing at all', '', ''],
    ['of headers only', from, ''],
    [
      'in Latin-1',
      message(typed('text/plain; charset=iso-8859-1', 'quoted-printable'), 'n=E3o'),
      'não',
    ],
    [
      'in Windows-1252',
      message(typed('text/plain; charset=windows-1252', 'quoted-printable'), '=80 5'),
      '€ 5',
    ],
    [
      'in a charset that does not exist',
      message(typed('text/plain; charset=x-nope'), 'não'),
      'nÃ£o',
    ],
    [
      'in Latin-1 called UTF-8',
      message(typed('text/plain; charset=utf-8', 'quoted-printable'), 'n=E3o'),
      'n\ufffdo',
    ],
    [
      'in UTF-16',
      message(
        typed('text/plain; charset=utf-16le', 'base64'),
        Buffer.from('não', 'utf16le').toString('base64'),
      ),
      'não',
    ],
    ['of bad base64', message(typed('text/plain', 'base64'), 'b2k*=='), 'oi'],
    [
      'of bad quoted-printable',
      message(typed('text/plain', 'quoted-printable'), 'a=ZZb='),
      'a=ZZb',
    ],
    [
      'with NUL and other controls',
      message([from], 'a\u0000b\u0007c\u001equote\u001b[31m\r\nd\u2028e'),
      'abcquote[31m\nd\ne',
    ],
    ['with LF alone', message([from], 'a\nb\n\n\n\nc'), 'a\nb\n\nc'],
    [
      'of HTML that runs',
      message(
        typed('text/html'),
        '<script>alert(1)</script><style>p{}</style><p onclick=x>oi</p><!-- b --><img src=x onerror=y>',
      ),
      'oi',
    ],
    [
      'of HTML with marks of ours',
      message(typed('text/html'), 'a<p>\u001erest</p>b'),
      'a\n\nrest\n\nb',
    ],
    ['of HTML that never closes', message(typed('text/html'), '<div><p>oi'), 'oi'],
    ['of HTML cut within a tag', message(typed('text/html'), 'oi<a href="x'), 'oi'],
    ['that quotes only', message([from], '> a\n> b'), ''],
    [
      'that begins as an attribution does',
      message([from], 'Em anexo, o que o João escreveu:\nnada.'),
      'Em anexo, o que o João escreveu:\nnada.',
    ],
    [
      'that begins as a header does',
      message([from], 'De: casa para o trabalho.\nPara: sempre.'),
      'De: casa para o trabalho.\nPara: sempre.',
    ],
    ['that ends as a telephone does', message([from], 'Pago.\n\nSent from my iPhone'), 'Pago.'],
    [
      'that tells what was sent',
      message([from], 'O boleto foi\nenviado de casa ontem'),
      'O boleto foi\nenviado de casa ontem',
    ],
  ])('%s', async (_case, raw, text) => {
    const mail = await read(raw)
    expect(mail.text).toBe(text)
    expect(mail.left).toEqual(whole)
  })

  it('is cut at 100 KB, and never within a character', async () => {
    const mail = await read(message([from], `a${'ç'.repeat(60_000)}\n> ${'👍'.repeat(30_000)}`))
    expect(mail.text).toBe(`a${'ç'.repeat(51_199)}`)
    expect(Buffer.byteLength(mail.quoted)).toBe(102_398)
    expect(mail.quoted.endsWith('👍')).toBe(true)
    expect(mail.left).toEqual({ ...whole, text: true })
  })
})

describe('what a program wrote', () => {
  it.each<[string, string[], InboundMail['automatic']]>([
    ['a person', [from], undefined],
    ['a person who is told to be', [from, 'Auto-Submitted: no'], undefined],
    ['Auto-Submitted: auto-generated', [from, 'Auto-Submitted: auto-generated'], 'auto-reply'],
    [
      'auto-replied with a comment',
      [from, 'Auto-Submitted: Auto-Replied (vacation)'],
      'auto-reply',
    ],
    ['Precedence: auto_reply', [from, 'Precedence: auto_reply'], 'auto-reply'],
    ['X-Autoreply', [from, 'X-Autoreply: yes'], 'auto-reply'],
    ['X-Autorespond', [from, 'X-Autorespond: férias'], 'auto-reply'],
    ['Exchange, all answers unwanted', [from, 'X-Auto-Response-Suppress: All'], 'auto-reply'],
    ['Exchange, a person', [from, 'X-Auto-Response-Suppress: DR, OOF'], undefined],
    [
      'a subject in Portuguese',
      [from, `Subject: =?utf-8?B?${b64('Resposta automática: oi')}?=`],
      'auto-reply',
    ],
    ['a subject in English', [from, 'Subject: Automatic reply: hi'], 'auto-reply'],
    ['an answer to such a subject', [from, 'Subject: RES: Automatic reply: hi'], undefined],
    [
      'a receipt of reading',
      [from, 'Content-Type: multipart/report; report-type=disposition-notification; boundary=x'],
      'auto-reply',
    ],
    ['no sender in the envelope', ['Return-Path: <>', from], 'auto-reply'],
    [
      'a bounce',
      [from, 'Content-Type: multipart/report; report-type="delivery-status"; boundary=x'],
      'bounce',
    ],
    [
      'a bounce of Exim',
      [from, 'X-Failed-Recipients: rui@b.com', 'Auto-Submitted: auto-replied'],
      'bounce',
    ],
    ['a daemon', ['From: MAILER-DAEMON@b.com'], 'bounce'],
    ['a list', [from, 'List-Id: <a.b.com>'], 'list'],
    ['bulk', [from, 'Precedence: bulk'], 'list'],
    ['one of ours that came back', [from, 'X-Recado-Attempt: 0198c1d2'], 'own'],
    ['from where chats are', ['From: chat+01j9abcdefghijkl@in.exemplo.com.br'], 'own'],
  ])('%s', async (_case, headers, automatic) => {
    expect((await read(message(headers))).automatic).toBe(automatic)
  })

  it('is told beside the verdicts, whatever they are', async () => {
    const verdicts = {
      spam: 'FAIL',
      virus: 'FAIL',
      spf: 'FAIL',
      dkim: 'FAIL',
      dmarc: 'FAIL',
      dmarcPolicy: 'reject',
    } as const
    expect(await read(message([from]), receipt({ verdicts }))).toMatchObject({
      verdicts,
      text: 'oi',
    })
  })
})
