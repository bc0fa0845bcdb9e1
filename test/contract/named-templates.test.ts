import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeMessageDesk } from '#shared/adapters/database/message-desk.ts'
import { makeOwnTemplateStore } from '#shared/adapters/database/own-template-store.ts'
import { mailLayout } from '#shared/adapters/email/layout/mail-layout.ts'
import type { MessageContent } from '#shared/domain/content.ts'
import type { NamedTemplateContent } from '#shared/domain/message-template.ts'
import type { OwnTemplateName } from '#shared/domain/own-template.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeKeepTemplates } from '#shared/use-cases/keep-templates.ts'
import { makePostMessage } from '#shared/use-cases/post-message.ts'
import { renderedSend } from '#shared/use-cases/rendered-template.ts'
import { makeSendMessages } from '#shared/use-cases/send-messages.ts'
import { addFile, knowTemplate } from '#test/support/desk-world.ts'
import {
  freshAddress,
  type MailWorld,
  openMailChat,
  openMailWorld,
} from '#test/support/mail-world.ts'
import { withoutFiles } from '#test/support/media.ts'
import {
  accept,
  acceptedOf,
  claimOne,
  fresh,
  messageOf,
  openChat,
  settle,
  type WorldTenant,
  wish,
} from '#test/support/stores-world.ts'

import { boundSource, mailSource, parcelas, variables } from '#test/support/template-sources.ts'

describe("messages that name a template of a tenant's own", () => {
  let world: MailWorld
  let templates: ReturnType<typeof makeKeepTemplates>
  let tenant: WorldTenant
  let name: string
  const sent: MessageContent[] = []

  beforeAll(async () => {
    world = await openMailWorld()
    const { dataApi: database, sealer } = world
    templates = makeKeepTemplates(makeOwnTemplateStore({ database, sealer }), mailLayout)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addMailTenant()
    name = fresh('aviso')
    sent.length = 0
  })

  const mailNamed = (): OwnTemplateName => ({ name, channel: 'EMAIL', language: 'pt-BR' })
  const put = (subject = 'Oi', category?: 'marketing') =>
    templates.put(tenant, { ...mailNamed(), source: mailSource(subject), category })
  const putBound = (source = boundSource) =>
    templates.put(tenant, {
      ...{ name, channel: 'WHATSAPP', language: 'pt-BR', category: undefined, source },
    })
  const said = (more: Partial<NamedTemplateContent> = {}): NamedTemplateContent => ({
    ...{ type: 'named-template', name, language: 'pt-BR', variables },
    ...more,
  })

  const mailChat = () => openMailChat(world, tenant, freshAddress())
  const acceptMail = async (content: NamedTemplateContent) =>
    accept(world, tenant, { chatId: await mailChat(), channel: 'EMAIL', content })
  const take = async ({ content }: { readonly content: MessageContent }) => {
    sent.push(content)
    return { outcome: 'accepted', providerMessageId: fresh('id'), held: false } as const
  }
  const send = (messages: Parameters<ReturnType<typeof makeSendMessages>>[0]) =>
    makeSendMessages({
      ...withoutFiles,
      layout: mailLayout,
      messages: world.messages,
      queue: { wake: async () => ({ failed: 0 }) },
      mail: { send: take },
      provider: { send: take },
      clock: systemClock,
      randomness: systemRandomness,
      waits: world.waits,
      alerts: { raise: () => undefined },
    })(messages)

  it('are refused with the names that are missing or of another type', async () => {
    await put()
    const post = makePostMessage(
      world.messages,
      { wake: async () => ({ failed: 0 }) },
      { raise: () => undefined },
    )
    const ask = (content: NamedTemplateContent, chatId: string) =>
      post(wish(tenant, chatId, { channel: 'EMAIL', content }))
    const chatId = await mailChat()
    await expect(
      ask(said({ variables: { nome: 'Ana', mais: 'x' } }), chatId),
    ).rejects.toMatchObject({
      code: 'template-parameters',
      detail: {
        expected: { variables: ['dias', 'nome'] },
        problems: [{ path: 'content.variables.dias', message: 'is missing' }],
      },
    })
    await expect(
      ask(said({ variables: { nome: 'Ana', dias: 'três' } }), chatId),
    ).rejects.toMatchObject({
      code: 'template-parameters',
      detail: {
        expected: { variables: ['dias', 'nome'], valueTypes: { dias: 'count' } },
        problems: [{ path: 'content.variables.dias', message: 'must be a count' }],
      },
    })
    for (const content of [said({ name: 'outro' }), said({ language: 'en' })]) {
      await expect(ask(content, chatId)).rejects.toMatchObject({ code: 'template-missing' })
    }
  })

  it('become a mail when they are sent, of the version that was the newest at the POST', async () => {
    await put('Oi, {{nome}}', 'marketing')
    const message = await acceptMail(said())
    await put('Outro')
    expect(await messageOf(world, tenant, message)).toMatchObject({ content: said() })
    expect(await send([message])).toEqual({ claimed: 1, accepted: 1 })
    expect(sent).toEqual([
      {
        ...{ type: 'email', subject: 'Oi, <b>Ana</b>', category: 'marketing' },
        text: expect.stringContaining('Olá, <b>Ana</b>. Vence em 1 dia.'),
        html: expect.stringContaining('Olá, &lt;b&gt;Ana&lt;/b&gt;. Vence em 1 dia.'),
      },
    ])
  })

  it('become a send of the provider template, under the rules of that', async () => {
    await putBound()
    await knowTemplate(world.owner, tenant)
    const { chatId } = await openChat(world, tenant)
    const content = said({ variables: { nome: 'Ana', parcelas } })
    const message = await accept(world, tenant, { chatId, content })
    expect(await send([message])).toEqual({ claimed: 1, accepted: 1 })
    const list = '1/2 – 05/12/2026 – R$ 50,00; 2/2 – 05/12/2026 – R$ 50,00'
    expect(sent).toMatchObject([
      { type: 'template', name: 'parcela_a_vencer', variables: { body: [`Ana: ${list}`] } },
    ])
    await putBound({ ...boundSource, body: ['{{nome}}', '{{parcelas}}'] })
    const refused = await world.messages.accept(wish(tenant, chatId, { content }))
    expect(refused).toMatchObject({ code: 'template-parameters', expectedShape: { body: 1 } })
    await world.owner.query(
      `update provider_templates set status = 'PAUSED' where tenant_id = $1`,
      [tenant.tenantId],
    )
    await putBound()
    expect(await world.messages.accept(wish(tenant, chatId, { content }))).toMatchObject({
      code: 'template-paused',
    })
  })

  it('bring the file of the header, and no other', async () => {
    await putBound({ ...boundSource, body: ['{{nome}}'], headerMedia: 'document' })
    const mediaId = await addFile(world.owner, tenant, 'STORED')
    const { chatId } = await openChat(world, tenant)
    const bare = said({ variables: { nome: 'Ana' } })
    const refused = { code: 'template-parameters', expectedValues: { attachments: 1 } }
    expect(await world.messages.accept(wish(tenant, chatId, { content: bare }))).toMatchObject(
      refused,
    )
    const content = { ...bare, attachments: [{ mediaId, filename: 'boleto.pdf' }] }
    const claimed = await claimOne(world, await accept(world, tenant, { chatId, content }))
    expect(claimed).toMatchObject({ content, media: [{ mediaId }] })
    expect(renderedSend(mailLayout, { ...claimed, content })).toMatchObject({
      variables: { headerMedia: { type: 'document', mediaId, filename: 'boleto.pdf' } },
    })
    await putBound({ ...boundSource, body: ['{{nome}}'] })
    expect(await world.messages.accept(wish(tenant, chatId, { content }))).toMatchObject({
      ...{ code: 'template-parameters', expectedValues: { attachments: 0, variables: ['nome'] } },
    })
  })

  it('that cannot be filled end FAILED without a call, and stop nobody else', async () => {
    await put()
    // As of versions of before: their types are not compared at the POST.
    await world.owner.query(`update templates set value_types = '{}' where name = $1`, [name])
    const bad = await acceptMail(said({ variables: { ...variables, dias: 'três' } }))
    const good = await acceptMail(said())
    expect(await send([bad, good])).toEqual({ claimed: 2, accepted: 1 })
    expect(sent).toHaveLength(1)
    expect(await messageOf(world, tenant, bad)).toMatchObject({
      ...{ status: 'FAILED', reason: 'template-parameters' },
    })
  })

  it('keep their version when they are sent again', async () => {
    await put('Primeiro')
    const message = await acceptMail(said())
    await settle(world, await claimOne(world, message), {
      outcome: 'REJECTED',
      reason: 'content-rejected',
    })
    await put('Segundo')
    const { dataApi: database, sealer, waits } = world
    const desk = makeMessageDesk({ database, sealer, waits, randomness: systemRandomness })
    const again = await desk.resend({
      ...{ tenantId: tenant.tenantId, clientId: tenant.clientId, chatId: message.chatId },
      ...{ messageId: message.messageId },
      request: { route: 'POST …/resend', key: fresh('key'), body: '' },
    })
    const claimed = await claimOne(world, acceptedOf(again))
    expect(claimed).toMatchObject({
      template: { subject: 'Primeiro' },
      category: 'transactional',
    })
    const { rows } = await world.owner.query(
      `select named_template, named_template_language, named_template_version from chat_messages
       where message_id = $1`,
      [acceptedOf(again).messageId],
    )
    expect(rows).toEqual([
      { named_template: name, named_template_language: 'pt-BR', named_template_version: 1 },
    ])
  })
})
