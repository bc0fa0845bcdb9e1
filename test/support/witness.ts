import { randomInt, randomUUID } from 'node:crypto'
import { policy, templates, today } from '#infra/local/demo/billing-cast.ts'
import { demoTenant } from '#infra/local/demo-tenants.ts'
import { installmentEvent, movementEvent, type ToldEvent } from './billing-world.ts'
import { type Flow, metaBody, metaText, textMessage, until } from './stack.ts'

/** Somebody whose every word can be told from all others, and what is said from and to them. */
export interface Witness {
  readonly person: Readonly<Record<'externalId' | 'name' | 'phone' | 'mail', string>>
  readonly said: Readonly<
    Record<
      | 'sent'
      | 'written'
      | 'subject'
      | 'mailText'
      | 'answered'
      | 'variable'
      | 'description'
      | 'company'
      | 'paymentLink',
      string
    >
  >
  /** Their name as a mail program without accents writes it. */
  readonly plainName: string
}

export function makeWitness(): Witness {
  const mark = randomInt(80_000_000, 89_999_999)
  const name = `Canária Testemunha ${mark}`
  return {
    person: {
      name,
      externalId: `canario-externo-${mark}`,
      phone: `+55119${mark}`,
      mail: `canario${mark}@passarinho.com.br`,
    },
    said: {
      sent: `Sua dívida secreta ${mark} vence amanhã`,
      written: `Respondo em segredo ${mark} por aqui`,
      subject: `Assunto reservado ${mark}`,
      mailText: `Corpo confidencial ${mark} do correio`,
      answered: `Resposta do correio ${mark} em sigilo`,
      variable: `Valor sigiloso ${mark} de variável`,
      description: `Tratamento íntimo ${mark}`,
      company: `Clínica Discreta ${mark}`,
      paymentLink: `https://pagar.exemplo.com.br/devedor-${mark}`,
    },
    plainName: name.normalize('NFD').replace(/[^ -~]/g, ''),
  }
}

/** All that must stand nowhere, by name. */
export function canariesOf({ person, said, plainName }: Witness): Readonly<Record<string, string>> {
  const nationalNumber = person.phone.slice('+55'.length)
  return { ...person, ...said, plainName, nationalNumber }
}

/** What people, their providers and a finance system do with a stack. */
export function makeWitnesses(flow: Flow) {
  const writeIn = ({ person, said }: Witness, sender = demoTenant.sender as SenderIds) =>
    flow.webhook(
      metaBody(sender, {
        contacts: [{ wa_id: person.phone.slice(1), profile: { name: person.name } }],
        messages: [metaText(`wamid.${randomUUID()}`, person.phone.slice(1), said.written)],
      }),
    )
  const writeMail = ({ person, said, plainName }: Witness) =>
    fetch(`${flow.stack.parts.endpoints.ses}/_mail/inbound`, {
      method: 'POST',
      body: [
        `From: ${plainName} <${person.mail}>`,
        `To: ${demoTenant.mail.fromAddress}`,
        `Subject: ${said.subject}`,
        '',
        said.answered,
      ].join('\r\n'),
    })
  const sendMail = (chatId: string, { said }: Witness) =>
    flow.post(chatId, {
      body: {
        channel: 'EMAIL',
        content: { type: 'email', subject: said.subject, text: said.mailText },
      },
    })
  return {
    writeIn,
    writeMail,
    sendMail,
    tell: (events: readonly ToldEvent[]) => flow.ask('POST /business-events', { body: { events } }),
    /** A chat with a text, a filled template and a mail out, and a text and a mail in. */
    talk: async (witness: Witness): Promise<{ chatId: string; personId: string }> => {
      const { chatId, personId } = await openChat(flow, witness)
      const answers = [
        await flow.post(chatId, { body: textMessage(witness.said.sent) }),
        await flow.post(chatId, { body: filled(witness) }),
        await sendMail(chatId, witness),
        await writeIn(witness),
        await writeMail(witness),
      ]
      const wrong = answers.find(({ status }) => status >= 300)
      if (wrong) throw new Error(`a witness was answered ${wrong.status}`)
      return { chatId, personId }
    },
  }
}

interface SenderIds {
  readonly phoneNumberId: string
  readonly wabaId: string
}

async function openChat(flow: Flow, { person }: Witness) {
  const { externalId, name, phone, mail } = person
  const contacts = [
    { channel: 'WHATSAPP', address: phone },
    { channel: 'EMAIL', address: mail },
  ]
  const opened = await flow.ask('POST /chats', { body: { person: { externalId, name }, contacts } })
  const chatId = String(opened.json?.chatId)
  const { json } = await flow.ask(`GET /chats/${chatId}`)
  return { chatId, personId: String(json?.personId) }
}

function filled({ said }: Witness) {
  const variables = {
    firstName: said.variable,
    installmentAmount: { type: 'money', cents: 41_250, currency: 'BRL' },
    dueDate: { type: 'date', date: today() },
  }
  return {
    channel: 'WHATSAPP',
    content: { type: 'named-template', name: 'vence-hoje', variables },
  }
}

/** A movement of theirs with one installment that is due today. */
export function debtOf(witness: Witness): {
  readonly installmentId: string
  readonly events: readonly ToldEvent[]
} {
  const { person, said } = witness
  const [movementId, installmentId] = [randomUUID(), randomUUID()]
  const contacts = [
    { channel: 'WHATSAPP', address: person.phone },
    { channel: 'EMAIL', address: person.mail },
  ]
  const { externalId, name } = person
  return {
    installmentId,
    events: [
      movementEvent(movementId, {
        description: said.description,
        companyName: said.company,
        nfseLink: `${said.paymentLink}/nfse`,
        person: { externalId, name, contacts },
      }),
      installmentEvent(installmentId, {
        ...{ movementId, number: 1, total: 1, dueOn: today() },
        paymentLink: said.paymentLink,
      }),
    ],
  }
}

/** Templates of a tenant's own and a ladder that is on, whatever the hour. */
export async function prepareBilling(flow: Flow): Promise<void> {
  await until(
    () => flow.ask('GET /provider-templates?name=parcela_a_vencer'),
    ({ json }) => Array.isArray(json?.items) && json.items.length === 1,
  )
  for (const { name, channel, source } of templates) {
    const { status } = await flow.ask(`PUT /templates/${name}/${channel}/pt-BR`, {
      body: { source },
    })
    if (status !== 201) throw new Error(`the template ${name} was answered ${status}`)
  }
  const { headers } = await flow.ask('GET /dunning-policy')
  const ifMatch = { 'if-match': headers.get('etag') ?? '' }
  const { status } = await flow.ask('PUT /dunning-policy', { body: policy, headers: ifMatch })
  if (status !== 200) throw new Error(`the policy was answered ${status}`)
}
