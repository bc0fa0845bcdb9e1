import type { ownTemplateOperations } from '#shared/contracts/operations/own-templates.ts'
import type { Side } from '#test/support/api-side.ts'
import { fresh } from '#test/support/stores-world.ts'
import { cursorOf, type Row } from './row.ts'

interface Named {
  readonly name: string
  readonly channel: string
  readonly language: string
}

const named = (): Named => ({ name: fresh('aviso'), channel: 'EMAIL', language: 'pt-BR' })
const saying = (subject: string) => ({
  source: {
    channel: 'EMAIL',
    subject,
    blocks: [{ type: 'paragraph', text: 'Olá, {{nome}}. Vence em {{dias|dia|dias}}.' }],
  },
})
const pathOf = ({ name, channel, language }: Named) =>
  `/templates/${name}/${channel}/${language}` as const

async function put(side: Side, template: Named, subject = 'Aviso') {
  const { status } = await side.ask(`PUT ${pathOf(template)}`, { body: saying(subject) })
  if (status !== 201) throw new Error(`the template answered ${status}`)
}

const inTemplate = async (side: Side) => {
  const template = named()
  await put(side, template)
  return { params: { ...template } }
}
/** Words of ours, not names of a tenant's things. */
const plain = ['channel', 'language']

export const ownTemplateRows: Readonly<Record<keyof typeof ownTemplateOperations, Row>> = {
  listOwnTemplates: {
    answers: 200,
    request: async () => ({}),
    ids: {
      cursor: cursorOf(async (side) => {
        await put(side, named())
        await put(side, named())
        return '/templates'
      }),
    },
  },
  getOwnTemplate: { answers: 200, plain, request: inTemplate },
  putOwnTemplate: {
    answers: 201,
    makes: ['name', 'channel', 'language'],
    request: async () => ({ params: { ...named() }, body: saying('Aviso') }),
  },
  listOwnTemplateVersions: {
    answers: 200,
    plain,
    request: inTemplate,
    ids: {
      cursor: cursorOf(async (side, { params }) => {
        const template = params as unknown as Named
        await put(side, template, 'Outro aviso')
        return `${pathOf(template)}/versions`
      }),
    },
  },
  previewOwnTemplate: {
    answers: 200,
    plain,
    request: async (side) => ({
      ...(await inTemplate(side)),
      body: { variables: { nome: 'Ana', dias: { type: 'count', count: 3 } } },
    }),
  },
  lintOwnTemplate: {
    answers: 200,
    plain,
    request: async (side) => ({ ...(await inTemplate(side)), body: { step: 'due-today' } }),
  },
}
