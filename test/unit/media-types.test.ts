import { describe, expect, it } from 'vitest'
import { attachment, safeContentType } from '#shared/domain/download.ts'
import { isAnimatedWebp, trueType } from '#shared/domain/file-type.ts'

const text = (words: string) => new TextEncoder().encode(words)
const raw = (...bytes: readonly number[]) => Uint8Array.from(bytes)
const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
const webp = (chunk: string, flags = 0) =>
  joined(text('RIFF'), raw(1, 0, 0, 0), text(`WEBP${chunk}`), raw(10, 0, 0, 0, flags))

describe('what a file is', () => {
  const rows: readonly (readonly [string, Uint8Array, string])[] = [
    ['image/jpeg', raw(0xff, 0xd8, 0xff, 0xe0), 'image/jpeg'],
    ['image/png', raw(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), 'image/png'],
    ['image/jpeg', raw(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), 'image/png'],
    ['image/jpeg', text('<!DOCTYPE html><script>'), 'text/html'],
    ['image/jpeg', text('GIF89a'), 'image/gif'],
    ['image/webp', webp('VP8 '), 'image/webp'],
    ['application/pdf', text('%PDF-1.7\n'), 'application/pdf'],
    ['application/pdf', text('MZ\u0000\u0001'), 'application/octet-stream'],
    ['application/pdf', raw(0x7f, 0x45, 0x4c, 0x46), 'application/octet-stream'],
    ['audio/ogg; codecs=opus', text('OggS'), 'audio/ogg'],
    ['audio/mpeg', text('ID3'), 'audio/mpeg'],
    ['audio/mpeg', raw(0xff, 0xfb, 0x90), 'audio/mpeg'],
    ['audio/aac', raw(0xff, 0xf1, 0x50), 'audio/aac'],
    ['audio/amr', text('#!AMR\n'), 'audio/amr'],
    ['audio/mp4', joined(raw(0, 0, 0, 32), text('ftypM4A ')), 'audio/mp4'],
    ['audio/mp4', joined(raw(0, 0, 0, 32), text('ftypisom')), 'audio/mp4'],
    ['video/mp4', joined(raw(0, 0, 0, 32), text('ftypisom')), 'video/mp4'],
    ['video/3gpp', joined(raw(0, 0, 0, 32), text('ftyp3gp5')), 'video/3gpp'],
    ['image/png', joined(raw(0, 0, 0, 32), text('ftypisom')), 'video/mp4'],
    [docx, text('PK\u0003\u0004'), docx],
    ['application/java-archive', text('PK\u0003\u0004'), 'application/zip'],
    [
      'application/msword',
      raw(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1),
      'application/msword',
    ],
    ['text/plain', text('Segunda via do boleto, até amanhã.'), 'text/plain'],
    ['text/csv', text('nome;valor\nAna;10'), 'text/plain'],
    ['text/plain', text('\uFEFF  <HTML>'), 'text/html'],
    ['text/plain', text('<svg onload=alert(1)>'), 'image/svg+xml'],
    ['image/svg+xml', text('<?xml version="1.0"?><!-- x --><svg>'), 'image/svg+xml'],
    ['text/plain', text('<?xml version="1.0"?><a/>'), 'application/xml'],
    ['text/plain', raw(0xc3, 0x28), 'application/octet-stream'],
    ['text/plain', raw(0x61, 0xc3), 'text/plain'],
    ['image/jpeg', raw(), 'application/octet-stream'],
  ]
  it.each(rows)('declared %s (%#) is told by its first bytes', (declared, head, wanted) => {
    expect(trueType(head, declared)).toBe(wanted)
  })

  it('reads a long head of open comments at once', () => {
    expect(trueType(text('<!---->'.repeat(600)), 'text/plain')).toBe('text/html')
  })

  it.each([
    [webp('VP8X', 0x02), true],
    [webp('VP8X', 0x10), false],
    [webp('VP8 ', 0x02), false],
  ])('a sticker says whether it moves (%#)', (head, moves) => {
    expect(isAnimatedWebp(head)).toBe(moves)
  })
})

describe('what a file is handed out as', () => {
  it.each([
    ['image/jpeg', 'image/jpeg'],
    ['IMAGE/PNG; x=y', 'image/png'],
    ['text/html', 'application/octet-stream'],
    ['image/svg+xml', 'application/octet-stream'],
    ['application/xhtml+xml', 'application/octet-stream'],
    ['text/xml', 'application/octet-stream'],
    ['text/javascript', 'application/octet-stream'],
    ['constructor', 'application/octet-stream'],
    ['', 'application/octet-stream'],
  ])('%s as %s', (mimeType, wanted) => {
    expect(safeContentType(mimeType)).toBe(wanted)
  })

  const names: readonly (readonly [string | undefined, string, string])[] = [
    ['boleto.pdf', 'boleto.pdf', 'boleto.pdf'],
    ['Cobrança de maçã.pdf', 'Cobran_a de ma__.pdf', 'Cobran%C3%A7a%20de%20ma%C3%A7%C3%A3.pdf'],
    ['../../etc/passwd', '_.._etc_passwd', '_.._etc_passwd'],
    ['C:\\a.exe', 'C__a.exe', 'C__a.exe'],
    ['a"; filename="b.html', 'a__ filename=_b.html', 'a_%3B%20filename%3D_b.html'],
    ["it's (1)*.txt", "it's (1)_.txt", 'it%27s%20%281%29_.txt'],
    ['a\r\nset-cookie: x', 'aset-cookie_ x', 'aset-cookie_%20x'],
    ['fatura\u202Efdp.exe', 'faturafdp.exe', 'faturafdp.exe'],
    ['a\u2028b\u0000c', 'abc', 'abc'],
    ['100%.txt', '100_.txt', '100%25.txt'],
    ['\ud800.txt', '_.txt', '%EF%BF%BD.txt'],
    ['.htaccess', 'htaccess', 'htaccess'],
    ['   ', 'arquivo', 'arquivo'],
    [undefined, 'arquivo', 'arquivo'],
    [`${'a'.repeat(300)}.pdf`, `${'a'.repeat(116)}.pdf`, `${'a'.repeat(116)}.pdf`],
  ]
  it.each(names)('%j is called %s', (filename, plain, encoded) => {
    expect(attachment(filename, 'arquivo')).toBe(
      `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`,
    )
  })
})
