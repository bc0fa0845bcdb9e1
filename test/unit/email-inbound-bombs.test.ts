import { describe, expect, it } from 'vitest'
import { readInboundMail } from '#shared/adapters/email/inbound-mail.ts'
import { b64, from, message, receipt } from '#test/support/email.ts'

const read = (raw: string | Uint8Array, envelope = receipt()) =>
  readInboundMail(typeof raw === 'string' ? Buffer.from(raw) : raw, envelope)
const parts = (...each: string[]) =>
  message(
    [from, 'Content-Type: multipart/mixed; boundary=x'],
    each.map((part) => `--x\r\n${part}\r\n`).join(''),
  )
const file = (disposition: string, type = 'text/x', body = 'a') =>
  `Content-Type: ${type}\r\nContent-Disposition: ${disposition}\r\n\r\n${body}`
const whole = { attachments: 0, text: false, parts: false }

describe('a file', () => {
  it.each<[string, string, object]>([
    ['with a path', file('attachment; filename="../../etc/passwd"'), { filename: 'passwd' }],
    [
      'with a path of Windows',
      file('attachment; filename="C:\\\\a\\\\nf.pdf"'),
      { filename: 'nf.pdf' },
    ],
    ['with a name of dots', file('attachment; filename=".."'), { filename: 'anexo' }],
    ['without a name', file('attachment'), { filename: 'anexo' }],
    [
      'with CR LF in its name',
      file(`attachment; filename="=?utf-8?B?${b64('a\r\nb.pdf')}?="`),
      { filename: 'a b.pdf' },
    ],
    [
      'with a name that turns',
      file(`attachment; filename*=utf-8''nota%E2%80%AEfdp.exe`),
      { filename: 'notafdp.exe' },
    ],
    [
      'with a name of 1,000',
      file(`attachment; filename="${'a'.repeat(1000)}.pdf"`),
      { filename: `${'a'.repeat(120)}.pdf` },
    ],
    [
      'with a name in pieces',
      file(`attachment; filename*0*=utf-8''n%C3%A3; filename*1="o.pdf"`),
      { filename: 'não.pdf' },
    ],
    [
      'of a type that is none',
      file('attachment; filename=a', 'text'),
      { mimeType: 'application/octet-stream' },
    ],
    [
      'of a type with markup',
      file('attachment; filename=a', 'text/<b>'),
      { mimeType: 'application/octet-stream' },
    ],
    [
      'within the text',
      file('inline; filename=a.png', 'image/png'),
      { inline: true, mimeType: 'image/png' },
    ],
    [
      'that is a mail',
      file('inline', 'message/rfc822', 'Subject: x\r\n\r\ny'),
      { filename: 'mensagem.eml', mimeType: 'message/rfc822' },
    ],
    [
      'that is HTML',
      file('attachment; filename=a.html', 'text/html', '<script>'),
      { filename: 'a.html', mimeType: 'text/html' },
    ],
  ])('%s', async (_case, part, expected) => {
    const mail = await read(parts('\r\noi', part))
    expect(mail.attachments).toMatchObject([expected])
    expect(mail).toMatchObject({ text: 'oi', left: whole })
  })

  it('is one of twenty at most', async () => {
    const many = Array.from({ length: 30 }, (_, index) => file(`attachment; filename=${index}.txt`))
    const mail = await read(parts('\r\noi', ...many))
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(
      Array.from({ length: 20 }, (_, index) => `${index}.txt`),
    )
    expect(mail.left).toEqual({ ...whole, attachments: 10 })
  })

  it('is left out when all together are over 25 MB', async () => {
    const encoded = `a/b\r\nContent-Transfer-Encoding: base64`
    const large = file('attachment; filename=l', encoded, 'AAAA'.repeat(4_400_000))
    const mail = await read(parts(large, large, file('attachment; filename=s', encoded, 'AAAA')))
    expect(mail.attachments.map(({ filename, bytes }) => [filename, bytes.length])).toEqual([
      ['l', 13_200_000],
      ['s', 3],
    ])
    expect(mail.left).toEqual({ ...whole, attachments: 1 })
  })
})

describe('a bomb', () => {
  const nested = (depth: number) =>
    [...Array(depth).keys()]
      .map((n) => `Content-Type: multipart/mixed; boundary=x${n}\r\n\r\n--x${n}\r\n`)
      .join('')
  const mails = (depth: number) => 'Content-Type: message/rfc822\r\n\r\n'.repeat(depth)

  it.each<[string, () => string, object]>([
    [
      'of 20 MB of empty lines',
      () => message([from], '\n'.repeat(20_000_000)),
      { text: '', left: { ...whole, parts: true } },
    ],
    [
      'of 20 MB in one line',
      () => message([from], 'a'.repeat(20_000_000)),
      { text: 'a'.repeat(102_400), left: { ...whole, text: true } },
    ],
    [
      'of 20 MB of base64',
      () =>
        message(
          [from, 'Content-Transfer-Encoding: base64'],
          `${'Y2Fz'.repeat(19)}\r\n`.repeat(250_000),
        ),
      { left: { ...whole, text: true } },
    ],
    [
      'of 20 MB of quoted-printable',
      () =>
        message([from, 'Content-Transfer-Encoding: quoted-printable'], '=\n'.repeat(10_000_000)),
      { left: { ...whole, parts: true } },
    ],
    [
      'of a million parts',
      () => parts('\r\noi') + '--x\r\n\r\n'.repeat(1_000_000),
      { left: { ...whole, parts: true } },
    ],
    [
      'of parts within parts, 100 deep',
      () => message([from, nested(100)]),
      { text: '', left: { ...whole, parts: true } },
    ],
    [
      'of mails within mails, 10,000 deep',
      () => `${from}\r\n${mails(10_000)}oi`,
      { attachments: [{ mimeType: 'message/rfc822' }], left: whole },
    ],
    [
      'of a header of 20 MB',
      () => message([from, `X: ${'a'.repeat(20_000_000)}`]),
      { text: '', left: { ...whole, parts: true } },
    ],
    [
      'of 500,000 headers',
      () => message([from, ...Array(500_000).fill('X: y')]),
      { text: '', left: { ...whole, parts: true } },
    ],
    [
      'of 100,000 recipients',
      () => message([from, `To: ${'a@b.com, '.repeat(50_000)}`]),
      { text: 'oi', left: whole },
    ],
    [
      'of 600,000 lines',
      () => message([from], 'a b\n'.repeat(600_000)),
      { left: { ...whole, text: true, parts: true } },
    ],
    [
      'of tags that never close',
      () =>
        message(
          [from, 'Content-Type: text/html'],
          `oi ${'<a>'.repeat(10_000)}${'</b>'.repeat(4_000_000)}`,
        ),
      { text: 'oi', left: { ...whole, text: true } },
    ],
    [
      'of nested tags',
      () => message([from, 'Content-Type: text/html'], `oi${'<blockquote>'.repeat(1_000_000)}`),
      { left: { ...whole, text: true } },
    ],
    [
      'of quotes',
      () => message([from], '>'.repeat(10_000_000)),
      { text: '', left: { ...whole, text: true } },
    ],
    [
      'of lines that begin as attributions do',
      () => message([from], 'Em 1\n'.repeat(50_000)),
      { left: { ...whole, text: true } },
    ],
    [
      'of lines that begin as headers do',
      () => message([from], 'De: a\n'.repeat(50_000)),
      { left: { ...whole, text: true } },
    ],
  ])('%s', async (_case, raw, expected) => {
    const mail = await read(raw())
    expect(mail).toMatchObject({ from: { address: 'ana@cliente.com.br' }, ...expected })
  })
})
