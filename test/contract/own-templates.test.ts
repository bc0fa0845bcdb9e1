import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeMessageDesk } from '#shared/adapters/database/message-desk.ts'
import { makeOwnTemplateStore } from '#shared/adapters/database/own-template-store.ts'
import { mailLayout } from '#shared/adapters/email/layout/mail-layout.ts'
import type { MessageContent } from '#shared/domain/content.ts'
import type {
  BoundSource,
  MailSource,
  NamedTemplateContent,
} from '#shared/domain/message-template.ts'
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

const mailSource = (subject: string): MailSource => ({
  channel: 'EMAIL',
  subject,
  blocks: [
    { type: 'paragraph', text: 'Olá, {{nome}}. Vence em {{dias|dia|dias}}.' },
    { type: 'button', label: 'Pagar', url: 'https://a.test/{{nome}}' },
  ],
})
const boundSource: BoundSource = {
  channel: 'WHATSAPP',
  providerTemplate: { name: 'parcela_a_vencer', language: 'pt_BR' },
  body: ['{{nome}}: {{parcelas}}'],
}
const variables = { nome: '<b>Ana</b>', dias: { type: 'count', count: 1 } } as const
const parcelas = {
  type: 'installments',
  installments: [1, 2].map((number) => ({ number, total: 2, dueOn: '2026-12-05', cents: 5000 })),
} as const

describe("templates of a tenant's own", () => {
  let world: MailWorld
  let templates: ReturnType<typeof makeKeepTemplates>
  let tenant: WorldTenant
  let name: string

  beforeAll(async () => {
    world = await openMailWorld()
    const { dataApi: database, sealer } = world
    templates = makeKeepTemplates(makeOwnTemplateStore({ database, sealer }), mailLayout)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addMailTenant()
    name = fresh('aviso')
  })

  const mailNamed = (): OwnTemplateName => ({ name, channel: 'EMAIL', language: 'pt-BR' })
  const put = (subject = 'Oi', category?: 'marketing') =>
    templates.put(tenant, { ...mailNamed(), source: mailSource(subject), category })
  const putBound = (source = boundSource) =>
    templates.put(tenant, {
      ...{ name, channel: 'WHATSAPP', language: 'pt-BR', category: undefined, source },
    })
  const newest = { version: undefined }
  const page = { limit: 100, cursor: undefined }
  const said = (more: Partial<NamedTemplateContent> = {}): NamedTemplateContent => ({
    ...{ type: 'named-template', name, language: 'pt-BR', variables },
    ...more,
  })

  describe('as they are kept', () => {
    it('get a version for what differs, and none for the same again', async () => {
      expect(await put()).toMatchObject({
        isNew: true,
        template: {
          ...mailNamed(),
          ...{ version: 1, category: 'transactional', variables: ['dias', 'nome'] },
          providerTemplate: undefined,
          createdAt: expect.any(String),
        },
      })
      expect(await put()).toMatchObject({ isNew: false, template: { version: 1 } })
      expect(await put('Olá')).toMatchObject({ isNew: true, template: { version: 2 } })
      expect(await put('Olá', 'marketing')).toMatchObject({ isNew: true, template: { version: 3 } })
      expect(await put('Oi')).toMatchObject({ isNew: true, template: { version: 4 } })
      const versions = await templates.versions(tenant, { ...page, of: mailNamed() })
      expect(versions.items.map(({ version }) => version)).toEqual([4, 3, 2, 1])
      expect(await templates.get(tenant, { ...mailNamed(), version: 3 })).toMatchObject({
        ...{ version: 3, category: 'marketing', source: mailSource('Olá') },
      })
      expect(await templates.get(tenant, { ...mailNamed(), ...newest })).toMatchObject({
        ...{ version: 4, source: mailSource('Oi') },
      })
    })

    it('get their versions one after another when they are put at once', async () => {
      const subjects = ['a', 'b', 'c', 'd', 'a']
      const answers = await Promise.all(subjects.map((subject) => put(subject)))
      const made = answers.filter(({ isNew }) => isNew).map(({ template }) => template.version)
      expect(made.toSorted()).toEqual(made.map((_, at) => at + 1))
      expect(made.length).toBeGreaterThanOrEqual(4)
    })

    it('are bound to a template of the provider', async () => {
      const { template } = await putBound()
      expect(template).toMatchObject({
        ...{ channel: 'WHATSAPP', category: undefined, variables: ['nome', 'parcelas'] },
        providerTemplate: boundSource.providerTemplate,
      })
      const { rows } = await world.owner.query('select shape from templates where name = $1', [
        name,
      ])
      expect(rows).toEqual([{ shape: { body: 1 } }])
    })

    it("are another tenant's as if they were not there", async () => {
      await put()
      const other = await world.addMailTenant()
      const missing = { code: 'template-not-found' }
      await expect(templates.get(other, { ...mailNamed(), ...newest })).rejects.toMatchObject(
        missing,
      )
      await expect(templates.versions(other, { ...page, of: mailNamed() })).rejects.toMatchObject(
        missing,
      )
      await expect(templates.get(tenant, { ...mailNamed(), version: 2 })).rejects.toMatchObject(
        missing,
      )
      expect((await templates.list(other, { ...page, channel: undefined })).items).toEqual([])
    })

    it('are listed by name, each in its newest version, page by page', async () => {
      const names = ['c', 'a', 'b']
      for (const each of names) {
        name = each
        await put('1')
        await put('2')
        await putBound()
      }
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const some = await templates.list(tenant, { limit: 2, cursor, channel: undefined })
        expect(some.items.length).toBeLessThanOrEqual(2)
        seen.push(...some.items.map((each) => `${each.name} ${each.channel} ${each.version}`))
        cursor = some.nextCursor
      } while (cursor !== undefined)
      expect(seen).toEqual(
        ['a', 'b', 'c'].flatMap((each) => [`${each} EMAIL 2`, `${each} WHATSAPP 1`]),
      )
      const bound = await templates.list(tenant, {
        limit: 2,
        cursor: undefined,
        channel: 'WHATSAPP',
      })
      expect(bound.items.map((each) => each.name)).toEqual(['a', 'b'])
      await expect(
        templates.list(tenant, { limit: 2, cursor: bound.nextCursor, channel: undefined }),
      ).rejects.toMatchObject({ code: 'invalid-cursor' })
      const one = { limit: 1, of: mailNamed() }
      const first = await templates.versions(tenant, { ...one, cursor: undefined })
      const second = await templates.versions(tenant, { ...one, cursor: first.nextCursor })
      expect([first, second].map(({ items }) => items[0]?.version)).toEqual([2, 1])
      expect(second.nextCursor).toBeUndefined()
    })
  })

  describe('as they are previewed', () => {
    it('become a mail with the sender’s name', async () => {
      await put('Oi, {{nome}}')
      const preview = await templates.preview(tenant, {
        ...mailNamed(),
        ...newest,
        values: variables,
      })
      expect(preview).toMatchObject({ version: 1, content: { subject: 'Oi, <b>Ana</b>' } })
      const { content } = preview
      expect('html' in content && content.html).toContain(
        'Olá, &lt;b&gt;Ana&lt;/b&gt;. Vence em 1 dia.',
      )
      expect('html' in content && content.html).toContain(
        'href="https://a.test/%3Cb%3EAna%3C%2Fb%3E"',
      )
      expect('text' in content && content.text).toContain('--\nExemplo')
    })

    it('become a send of a provider template', async () => {
      await putBound()
      const wanted = { ...mailNamed(), channel: 'WHATSAPP' as const, ...newest }
      const list = '1/2 – 05/12/2026 – R$ 50,00; 2/2 – 05/12/2026 – R$ 50,00'
      expect(
        await templates.preview(tenant, { ...wanted, values: { nome: 'Ana', parcelas } }),
      ).toEqual({
        version: 1,
        content: {
          ...{ type: 'template', name: 'parcela_a_vencer', language: 'pt_BR' },
          variables: { body: [`Ana: ${list}`] },
        },
      })
    })

    it('say which values are missing', async () => {
      await put()
      const preview = templates.preview(tenant, {
        ...mailNamed(),
        ...newest,
        values: { dias: '3' },
      })
      await expect(preview).rejects.toMatchObject({
        code: 'template-parameters',
        detail: {
          expected: { variables: ['dias', 'nome'] },
          problems: [
            { path: 'variables.nome', message: 'is missing' },
            { path: 'variables.dias', message: 'must be a count' },
          ],
        },
      })
    })
  })

  describe('as messages name them', () => {
    const sent: MessageContent[] = []
    beforeEach(() => {
      sent.length = 0
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

    it('are refused with the names that are missing', async () => {
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
})
