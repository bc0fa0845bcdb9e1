import type { Answer, Flow } from './stack.ts'
import { debtOf, type Witness } from './witness.ts'

interface Given {
  readonly chatId: string
  /** Stands in each of them, and must not be repeated. */
  readonly refused: string
  readonly witness: Witness
}

/** Answers to requests that are refused, of many rooms. */
export async function refusedRequests(
  flow: Flow,
  { chatId, refused, witness }: Given,
): Promise<readonly Answer[]> {
  return [
    await flow.post(chatId, {
      body: { channel: 'WHATSAPP', content: { type: 'text', text: [refused] } },
    }),
    await flow.post('999999999', { body: { content: { type: 'text', text: refused } } }),
    await flow.post(chatId, { body: `{"content": "${refused}` }),
    await flow.ask('POST /chats', {
      body: { person: { name: witness.person.name }, contacts: [refused] },
    }),
    await flow.ask('POST /chats', {
      body: {
        person: { externalId: refused, name: witness.person.name },
        contacts: [{ channel: 'WHATSAPP', address: refused }],
      },
    }),
    await flow.ask('GET /chats', { token: `${flow.stack.ready.token}x` }),
    await flow.ask('POST /templates/vence-hoje/WHATSAPP/pt-BR/preview', {
      body: { variables: { firstName: refused } },
    }),
    await flow.ask('PUT /templates/outro/EMAIL/pt-BR', {
      // A placeholder that is none is quoted to the company that wrote it; the rest is not.
      body: { source: { channel: 'EMAIL', subject: refused, blocks: [{ type: refused }] } },
    }),
    await flow.ask('POST /business-events', {
      body: { events: debtOf(witness).events.map((event) => ({ ...event, version: refused })) },
    }),
    await flow.ask('POST /dunning-runs/dry', { body: { day: refused } }),
    await flow.webhook(`{"said": "${refused}"}`, 'sha256=00'),
  ]
}
