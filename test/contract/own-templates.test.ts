import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeOwnTemplateStore } from '#shared/adapters/database/own-template-store.ts'
import { mailLayout } from '#shared/adapters/email/layout/mail-layout.ts'
import type { OwnTemplateName } from '#shared/domain/own-template.ts'
import { makeKeepTemplates } from '#shared/use-cases/keep-templates.ts'
import { type MailWorld, openMailWorld } from '#test/support/mail-world.ts'
import { fresh, type WorldTenant } from '#test/support/stores-world.ts'

import { boundSource, mailSource, parcelas, variables } from '#test/support/template-sources.ts'

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
})
