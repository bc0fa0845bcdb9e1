import { randomUUID } from 'node:crypto'
import { type Answer, type Flow, textMessage } from './stack.ts'
import { fresh, freshPhone } from './stores-world.ts'

/** One tenant as its programs see it, and what tests make there. */
export interface Side {
  readonly token: string
  readonly ask: Flow['ask']
  /** Ids of this tenant that the API answered, by the name that they have in JSON. */
  readonly ids: ReadonlyMap<string, ReadonlySet<string>>
  chat(): Promise<ChatMade>
  /** A message that waits for years, so that nothing moves behind a test's back. */
  queuedMessage(chatId: string): Promise<string>
  /** A file whose bytes were uploaded and not looked at yet. */
  uploadedFile(): Promise<string>
  /** A file that may be sent. */
  storedFile(): Promise<string>
  /** A provider template that no other tenant has. */
  template(): Promise<{ readonly name: string; readonly language: string }>
  /** An open installment that is due on a day, as if a finance system had told it. */
  installment(dueOn: string): Promise<string>
  /** Meta's limit of syncs in a while begins anew. */
  forgetSyncs(): Promise<void>
}

interface ChatMade {
  readonly chatId: string
  readonly personId: string
  readonly externalId: string
  readonly phone: string
}

export const waitingMessage = { ...textMessage('Olá'), sendAt: '2090-01-01T00:00:00Z' }
const pdf = Buffer.from('%PDF-1.7 um boleto')

/** A body of `POST /chats` for somebody new. */
export function somebody(externalId = fresh('side'), phone = freshPhone()) {
  return {
    person: { externalId, name: 'Ana Lima' },
    contacts: [{ channel: 'WHATSAPP', address: phone }],
  }
}

/** Given by clients or made for one request: they belong to no tenant. */
const nobodys = ['externalId', 'requestId', 'traceId']

/** What an answer names, by the names of its ids. */
export function namedIds(json: unknown, named = new Map<string, Set<string>>()) {
  for (const [key, value] of Object.entries(json ?? {})) {
    if (typeof value === 'object') namedIds(value, named)
    else if (key.endsWith('Id') && !nobodys.includes(key)) {
      named.set(key, (named.get(key) ?? new Set()).add(String(value)))
    }
  }
  return named
}

/** The tenant of a token. */
export function sideOf(flow: Flow, token: string): Side {
  const ids = new Map<string, Set<string>>()
  const ask: Flow['ask'] = async (route, more) => {
    const answer = await flow.ask(route, { token, ...more })
    namedIds(answer.json, ids)
    return answer
  }
  const made = async (route: Parameters<Flow['ask']>[0], body: unknown) =>
    expectMade(route, await ask(route, { body }))

  const upload = async () => {
    const file = { kind: 'document', mimeType: 'application/pdf', sizeBytes: pdf.length }
    const { mediaId, upload } = await made('POST /media', file)
    const { url, headers } = upload as { url: string; headers: Record<string, string> }
    const { 'content-length': _, ...rest } = headers
    const { status } = await fetch(url, { method: 'PUT', headers: rest, body: pdf })
    if (status !== 200) throw new Error(`the upload answered ${status}`)
    return String(mediaId)
  }
  return {
    token,
    ask,
    ids,
    chat: async () => {
      const body = somebody()
      const { chatId, personId } = await made('POST /chats', body)
      return {
        chatId: String(chatId),
        personId: String(personId),
        externalId: body.person.externalId,
        phone: body.contacts[0]?.address ?? '',
      }
    },
    queuedMessage: async (chatId) =>
      String((await made(`POST /chats/${chatId}/messages`, waitingMessage)).messageId),
    uploadedFile: upload,
    storedFile: async () => {
      const mediaId = await upload()
      await made(`POST /media/${mediaId}/complete`, undefined)
      return mediaId
    },
    template: () => copyTemplate(flow, ask),
    installment: async (dueOn) =>
      tellInstallment(flow, String((await made('POST /chats', somebody())).chatId), dueOn),
    forgetSyncs: async () => {
      await flow.rows(`update tasks set created_at = created_at - interval '1 day'
        where type = 'TEMPLATE_SYNC' and state <> 'PENDING'`)
    },
  }
}

function expectMade(route: string, { status, text, json }: Answer) {
  if (status < 300 && json !== undefined) return json
  throw new Error(`${route} answered ${status} ${text}`)
}

async function tellInstallment(flow: Flow, chatId: string, dueOn: string): Promise<string> {
  const installmentId = fresh('installment')
  await flow.rows(
    `with movement as (
       insert into movements (tenant_id, movement_id, version, person_id, status, amount_cents,
         currency, row_token, occurred_at)
       select tenant_id, $2, 1, person_id, 'OPEN', 10000, 'BRL', gen_random_uuid(), now()
       from chats where chat_id = $1::bigint
       returning tenant_id),
     installment as (
       insert into installments (tenant_id, installment_id, movement_id, version, number, total,
         due_on, amount_cents, balance_cents, status, row_token, occurred_at)
       select tenant_id, $2, $2, 1, 1, 1, $3::date, 10000, 10000, 'OPEN', gen_random_uuid(), now()
       from movement)
     insert into business_events (tenant_id, event_id, type, thing_id, version, outcome, occurred_at)
     select tenant_id, $2, 'installment.created', $2, 1, 'applied', now() from movement`,
    [chatId, installmentId, dueOn],
  )
  return installmentId
}

/** As if its account had one template more. */
async function copyTemplate(flow: Flow, ask: Flow['ask']) {
  const known = expectMade('templates', await ask('GET /provider-templates?name=aviso_geral'))
  const [{ wabaId, language } = { wabaId: '', language: '' }] = known.items as {
    wabaId: string
    language: string
  }[]
  const name = `copia_${randomUUID().replaceAll('-', '_')}`
  await flow.rows(
    `insert into provider_templates
     select (jsonb_populate_record(p, jsonb_build_object('name', $2::text,
       'provider_template_id', $2::text))).*
     from provider_templates p where waba_id = $1 and name = 'aviso_geral'`,
    [wabaId, name],
  )
  return { name, language }
}
