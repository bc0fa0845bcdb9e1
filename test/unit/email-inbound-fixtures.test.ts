import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { readInboundMail } from '#shared/adapters/email/inbound-mail.ts'
import { splitQuoted } from '#shared/adapters/email/quoted-text.ts'
import type { InboundMail } from '#shared/domain/inbound-mail.ts'
import { receipt } from '#test/support/email.ts'

const folder = new URL('../fixtures/mail/', import.meta.url)
const readFixture = async (name: string) =>
  readInboundMail(await readFile(new URL(`${name}.eml`, folder)), receipt())

type Expected = Partial<Omit<InboundMail, 'attachments'>> & { readonly attachments?: object[] }
const ses = '<0103019a2b3c4d5e-00000000-aaaa-bbbb-cccc-000000000000-000000@sa-east-1.amazonses.com>'
const chat = '<chat.01j9abcdefghijkl@exemplo.com.br>'

const rows: readonly (readonly [string, Expected])[] = [
  [
    'gmail-pt',
    {
      messageId: '<CAF123=abc_DEF@mail.gmail.com>',
      from: { address: 'ana@cliente.com.br', name: 'Ana Souza' },
      subject: 'Re: Cobrança A-123',
      text: 'Bom dia! Já paguei ontem, segue o comprovante.\n\nPode dar baixa?',
      quoted:
        'Em seg., 23 de nov. de 2026 às 09:00, Cobrança Exemplo <\n' +
        'atendimento@exemplo.com.br> escreveu:\n\n' +
        '> Olá, Ana.\n>\n> Sua parcela vence hoje: R$ 150,00.\n>\n> Equipe Exemplo\n>\n\n' +
        '--\nAna Souza\nCliente Ltda.',
      inReplyTo: ses,
      references: [chat, ses],
      attachments: [
        { filename: 'comprovante nº 1.pdf', mimeType: 'application/pdf', inline: false, size: 20 },
      ],
    },
  ],
  [
    'gmail-html-en',
    {
      text: 'I paid it yesterday.\nSee the receipt [https://banco.com.br/r/1].',
      quoted:
        'On Mon, Nov 23, 2026 at 9:00 AM Example <atendimento@exemplo.com.br> wrote:\n\n' +
        '> Hello, Ana.\n> Your invoice is due today.',
      references: [chat, ses],
    },
  ],
  [
    'outlook-pt',
    {
      from: { address: 'rui@empresa.com.br', name: 'Rui Lima' },
      subject: 'RES: Cobrança A-123',
      text: 'Prezados,\n\nO boleto está vencido? Favor enviar a 2ª via.\n\nAtt.,\nRui Lima',
      quoted:
        'De: Cobrança Exemplo <atendimento@exemplo.com.br>\n' +
        'Enviada em: segunda-feira, 23 de novembro de 2026 09:00\n' +
        'Para: Rui Lima <rui@empresa.com.br>\nAssunto: Cobrança A-123\n\n' +
        'Olá, Rui.\n\nSua parcela vence hoje.',
    },
  ],
  [
    'outlook-html-pt',
    {
      text: 'Prezados,\n\nO boleto está vencido?',
      quoted:
        'De: Cobrança Exemplo <atendimento@exemplo.com.br>\n' +
        'Enviada em: segunda-feira, 23 de novembro de 2026 09:00\n' +
        'Para: Rui Lima <rui@empresa.com.br>\nAssunto: Cobrança A-123\n\nOlá, Rui.',
    },
  ],
  [
    'outlook-web-en',
    {
      text: 'Please send the invoice again.',
      quoted:
        'From: Example <atendimento@exemplo.com.br>\nSent: Monday, November 23, 2026 9:00 AM\n' +
        'To: Rui Lima <rui@empresa.com.br>\nSubject: Invoice A-123\n\nHello, Rui.',
      attachments: [{ filename: 'image001.png', mimeType: 'image/png', inline: true, size: 8 }],
    },
  ],
  [
    'apple-pt',
    {
      from: { address: 'bia@icloud.com', name: 'Bia Reis' },
      subject: 'Re: Cobrança A-123',
      text: 'Não reconheço essa cobrança.',
      quoted:
        'Enviado do meu iPhone\n\n' +
        '> Em 23 de nov. de 2026, à(s) 09:00, Cobrança Exemplo <atendimento@exemplo.com.br> escreveu:\n' +
        '>\n> \ufeffOlá, Bia.\n> Sua parcela vence hoje.',
    },
  ],
  [
    'apple-mac-en',
    {
      text: 'Not mine, sorry.',
      quoted:
        '> On Nov 23, 2026, at 9:00\u202fAM, Example <atendimento@exemplo.com.br> wrote:\n' +
        '>\n> Hello, Bia.\n> Is this yours?',
    },
  ],
  [
    'apple-html-pt',
    {
      text: 'Vou pagar amanhã.',
      quoted:
        'Enviado do meu iPhone\n\n' +
        '> Em 23 de nov. de 2026, à(s) 09:00, Cobrança Exemplo <atendimento@exemplo.com.br> escreveu:\n\n' +
        '> Olá, Bia.',
    },
  ],
  [
    'thunderbird-below-pt',
    {
      text: 'Dia 10.\n\nBoleto.',
      quoted:
        'Em 23/11/2026 09:00, Cobrança Exemplo escreveu:\n> Qual o melhor dia?\n\n> E a forma?\n\n--\nCaio',
    },
  ],
  [
    'outlook-mobile-pt',
    {
      text: 'Ok, combinado.',
      quoted:
        'Obter o Outlook para iOS<https://aka.ms/o0ukef>\n________________________________\n' +
        'De: Cobrança Exemplo <atendimento@exemplo.com.br>\n' +
        'Enviado: segunda-feira, 23 de novembro de 2026 09:00:00\n' +
        'Para: caio@provedor.com.br <caio@provedor.com.br>\nAssunto: Cobrança\n\nOlá, Caio.',
    },
  ],
  [
    'forwarded-pt',
    {
      text:
        '---------- Mensagem encaminhada ---------\nDe: Banco <nao-responda@banco.com.br>\n' +
        'Data: seg., 23 de nov. de 2026 às 08:00\nAssunto: Comprovante\n' +
        'Para: Ana Souza <ana@cliente.com.br>\n\nPagamento de R$ 150,00 realizado.',
      quoted: '',
    },
  ],
  [
    'out-of-office-pt',
    {
      subject: 'Resposta automática: Cobrança',
      text: 'Estou de férias até 30/11.',
      quoted: '',
      automatic: 'auto-reply',
    },
  ],
  [
    'bounce',
    {
      text: 'Address not found.',
      quoted: '',
      automatic: 'bounce',
      attachments: [
        { filename: 'anexo', mimeType: 'message/delivery-status', inline: false },
        { filename: 'mensagem.eml', mimeType: 'message/rfc822', inline: false },
      ],
    },
  ],
  ['newsletter', { text: 'Ofertas\n\nTudo pela metade.', quoted: '', automatic: 'list' }],
]

describe('a mail as programs write it', () => {
  it.each(rows)('%s', async (name, expected) => {
    const mail = await readFixture(name)
    const attachments = mail.attachments.map(({ bytes, ...rest }) => ({
      ...rest,
      size: bytes.length,
    }))
    expect({ ...mail, attachments }).toMatchObject({ attachments: [], ...expected })
    expect(mail.automatic).toBe(expected.automatic)
    expect(mail.left).toEqual({ attachments: 0, text: false, parts: false })
    expect(mail).toMatchObject({
      sesMessageId: 'o3vrnil0e2ic28tr',
      recipients: ['chat+01j9abcdefghijkl@in.exemplo.com.br'],
      verdicts: receipt().verdicts,
      occurredAt: '2026-11-23T12:00:00.000Z',
    })
  })

  it('has a row for every fixture', async () => {
    const files = (await readdir(folder)).map((file) => file.replace(/\.eml$/, ''))
    expect(files.toSorted()).toEqual(rows.map(([name]) => name).toSorted())
  })
})

describe('the last line', () => {
  it.each([
    'Enviado do meu iPhone',
    'Enviada do meu iPad.',
    'Sent from my iPhone',
    'Enviado do meu Galaxy S21',
    'Enviado via Samsung Galaxy smartphone.',
    'Enviado do meu smartphone Samsung Galaxy.',
    'Enviado do Yahoo Mail no Android',
    'Sent from Yahoo Mail on Android',
    'Enviado do Outlook para Android<https://aka.ms/x>',
    'Enviado do Email para Windows',
    'Sent with Proton Mail secure email.',
    'Enviado do meu celular',
    'Obter o Outlook para iOS<https://aka.ms/o0ukef>',
    'Get Outlook for Android',
  ])('%s is the telephone’s', (line) => {
    expect(splitQuoted(`Pago.\n\n${line}\n`)).toEqual({ text: 'Pago.', quoted: line })
  })

  it.each([
    'Enviado o comprovante por e-mail',
    'Enviado por e-mail ontem',
    'Enviado do meu telefone o comprovante',
    'Enviado de casa, pelo aplicativo do banco',
    'Enviado pelo banco, por e-mail',
    'Sent from my bank’s mobile app yesterday',
    'Get the invoice for me',
    'Obter o boleto para hoje',
  ])('%s is the person’s', (line) => {
    expect(splitQuoted(`Pago.\n\n${line}`)).toEqual({ text: `Pago.\n\n${line}`, quoted: '' })
  })
})
