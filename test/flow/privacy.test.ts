import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Flow, startFlow, until } from '#test/support/stack.ts'
import { freshPhone } from '#test/support/stores-world.ts'

describe('a person who asks for a copy, and then to be erased', () => {
  let flow: Flow
  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow.stop())

  const ended = async (requestId: unknown) => {
    const path = `GET /privacy-requests/${requestId}` as const
    return (await until(
      () => flow.ask(path),
      ({ json }) => json?.state === 'DONE',
    )) as { json: Record<string, unknown> }
  }

  it('gets both, by the whole stack', async () => {
    const phone = freshPhone()
    const chatId = await flow.openChat(phone)
    const { json: chat } = await flow.ask(`GET /chats/${chatId}`)
    const personId = String(chat?.personId)
    const body = { channel: 'WHATSAPP', content: { type: 'text', text: '=segredo' } }
    const sent = await flow.ask(`POST /chats/${chatId}/messages`, { body })
    expect(sent.status).toBe(202)

    const asked = await flow.ask(`POST /persons/${personId}/exports`)
    expect(asked.status).toBe(202)
    expect(asked.json).toMatchObject({ kind: 'EXPORT', personId, state: 'REQUESTED' })
    const copy = await ended(asked.json?.requestId)
    const { json, csv } = copy.json.downloads as Record<'json' | 'csv', { url: string }>
    const document = (await (await fetch(json.url)).json()) as Record<string, unknown>
    expect(document).toMatchObject({ personId, contacts: [{ address: phone }] })
    expect(await (await fetch(csv.url)).text()).toContain("'=segredo")

    const wanted = await flow.ask(`POST /persons/${personId}/erasure`)
    expect(wanted.status).toBe(202)
    const erased = await ended(wanted.json?.requestId)
    expect(erased.json.receipt).toMatchObject({
      backupsExpireOn: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      counts: { persons: 1, contactIdentities: 1, messages: 1 },
    })
    expect((await flow.ask(`GET /persons/${personId}`)).status).toBe(404)
    const { json: left } = await flow.ask(`GET /chats/${chatId}`)
    expect(left).toMatchObject({ status: 'ARCHIVED', person: { name: null } })
    expect((await fetch(json.url)).status).toBe(404)
    const thread = await flow.ask(`GET /chats/${chatId}/messages`)
    expect(thread.json?.items).toMatchObject([{ content: null }])
  })
})
