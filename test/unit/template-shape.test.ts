import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentSchemas } from '#infra/local/whatsapp/content-schemas.ts'
import { GraphError } from '#infra/local/whatsapp/graph-error.ts'
import { Random } from '#infra/local/whatsapp/random.ts'
import { checkTemplate } from '#infra/local/whatsapp/template-check.ts'
import { TemplateStore } from '#infra/local/whatsapp/templates.ts'
import type { TemplateContent, VariableValues } from '#shared/domain/template-content.ts'
import {
  explainMismatch,
  shapeOfContent,
  shapeOfTemplate,
  type TemplateDefinition,
} from '#shared/domain/template-shape.ts'
import { textProblems } from '#shared/domain/template-texts.ts'
import { anyTemplate, mistakesIn } from '#test/fixtures/templates.ts'

const content = (variables: TemplateContent['variables']): TemplateContent => ({
  type: 'template',
  name: 'aviso',
  language: 'pt_BR',
  ...(variables && { variables }),
})

const named = (...components: object[]): TemplateDefinition => ({
  parameterFormat: 'NAMED',
  components,
})
const positional = (...components: object[]): TemplateDefinition => ({
  parameterFormat: 'POSITIONAL',
  components,
})

describe('the shape of a template', () => {
  it.each<[string, TemplateDefinition, object]>([
    ['no variables', positional({ type: 'BODY', text: 'Olá' }), {}],
    ['a count', positional({ type: 'BODY', text: '{{1}} e {{ 2 }}, {{1}}' }), { body: 2 }],
    ['sorted names', named({ type: 'body', text: '{{b}} {{a}} {{b}}' }), { body: ['a', 'b'] }],
    [
      'a header with a name',
      named({ type: 'HEADER', format: 'TEXT', text: '{{x}}' }, { type: 'BODY', text: 'a' }),
      { header: { format: 'TEXT', params: ['x'] } },
    ],
    [
      'a header without a variable',
      positional({ type: 'HEADER', format: 'TEXT', text: 'Aviso' }),
      {},
    ],
    [
      'a place',
      positional({ type: 'HEADER', format: 'LOCATION' }),
      { header: { format: 'LOCATION' } },
    ],
    [
      'buttons that demand something',
      positional({
        type: 'BUTTONS',
        buttons: [
          { type: 'QUICK_REPLY', text: 'Sim' },
          { type: 'URL', url: 'https://a.example/{{1}}' },
          { type: 'URL', url: 'https://a.example/' },
          { type: 'COPY_CODE', example: 'X' },
          { type: 'PHONE_NUMBER', phone_number: '+55' },
        ],
      }),
      {
        buttons: [
          { index: 1, type: 'url' },
          { index: 3, type: 'copy_code' },
        ],
      },
    ],
    ['a carousel', positional({ type: 'CAROUSEL', cards: [] }), { unsupported: ['CAROUSEL'] }],
    [
      'what nobody knows, once each',
      positional(
        { type: 'HOLOGRAM' },
        { type: 'HOLOGRAM' },
        { type: 'HEADER', format: 'GIF' },
        { type: 'BODY' },
        { type: 'BUTTONS', buttons: [{ type: 'FLOW' }, null, { type: 'URL', url: '{{1}}{{2}}' }] },
        {},
      ),
      {
        unsupported: [
          'BODY',
          'FLOW button',
          'HEADER GIF',
          'HOLOGRAM',
          'UNKNOWN',
          'UNKNOWN button',
          'URL button',
        ],
      },
    ],
  ])('%s', (_, definition, shape) => {
    expect(shapeOfTemplate(definition)).toEqual(shape)
  })

  it('stands any JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.boolean(), (components, isNamed) => {
        const parameterFormat = isNamed ? 'NAMED' : 'POSITIONAL'
        const shape = shapeOfTemplate({ components, parameterFormat })
        expect(JSON.parse(JSON.stringify(shape))).toEqual(shape)
      }),
    )
  })
})

describe('a content and a template', () => {
  it('match when the content is made for it, and never after one mistake', () => {
    fc.assert(
      fc.property(anyTemplate, ({ definition, content: right }) => {
        const expected = shapeOfTemplate(definition)
        expect(shapeOfContent(right)).toEqual(expected)
        expect(explainMismatch(expected, shapeOfContent(right))).toEqual([])
        for (const [mistake, wrong] of mistakesIn(right)) {
          const given = shapeOfContent(wrong)
          expect(given, mistake).not.toEqual(expected)
          expect(explainMismatch(expected, given), mistake).not.toEqual([])
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('match exactly when the simulated WhatsApp takes the send', () => {
    const store = new TemplateStore(new Random(1))
    fc.assert(
      fc.property(anyTemplate, ({ definition, content: right }) => {
        store.put({
          name: right.name,
          parameter_format: definition.parameterFormat,
          components: definition.components,
        })
        expect(refusal(store, right)).toBeUndefined()
        for (const [mistake, wrong] of mistakesIn(right)) {
          expect(refusal(store, wrong), mistake).toBeOneOf([132000, 132012])
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('are compared without the optional payloads of quick replies', () => {
    const template = positional({ type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY' }] })
    const reply = { index: 0, type: 'quick_reply', payload: 'SIM' } as const
    expect(shapeOfContent(content({ buttons: [reply] }))).toEqual(shapeOfTemplate(template))
  })

  it('never match while the template has parts that nobody can fill', () => {
    const expected = shapeOfTemplate(positional({ type: 'CAROUSEL' }))
    for (const variables of [undefined, {}, { header: ['x'], headerMedia: image }]) {
      const given = shapeOfContent(content(variables))
      expect(given).not.toEqual(expected)
      expect(explainMismatch(expected, given)).toEqual([
        { path: 'content.name', message: expect.stringContaining('CAROUSEL') },
      ])
    }
  })
})

const image = { type: 'image', mediaId: '1' } as const

describe('a mismatch is explained', () => {
  const body = named({ type: 'BODY', text: '{{nome}} {{valor}}' })
  const header = positional({ type: 'HEADER', format: 'TEXT', text: '{{1}}' })
  const photo = positional({ type: 'HEADER', format: 'IMAGE' })
  const link = positional({ type: 'BUTTONS', buttons: [{ type: 'URL', url: '{{1}}' }] })
  const plain = positional({ type: 'BODY', text: 'Olá' })
  const url = { index: 0, type: 'url', text: 'x' } as const

  it.each<[string, TemplateDefinition, TemplateContent['variables'], string[]]>([
    ['by name', body, { body: { nome: 'Ana', data: '1' } }, ['body.valor', 'body.data']],
    ['by form', body, { body: ['Ana', '1'] }, ['body']],
    ['by absence', body, undefined, ['body']],
    ['where nothing is taken', plain, { header: ['a'], body: ['b'] }, ['header', 'body']],
    ['by count', header, { header: ['a', 'b'] }, ['header']],
    ['for a text header with a file', header, { headerMedia: image }, ['headerMedia', 'header']],
    ['for a missing file', photo, {}, ['headerMedia']],
    ['for another file', photo, { headerMedia: { ...image, type: 'video' } }, ['headerMedia']],
    ['for two headers', photo, { headerMedia: image, header: ['a'] }, ['headerMedia']],
    ['for a missing button', link, {}, ['buttons']],
    ['for a button twice', link, { buttons: [url, url] }, ['buttons']],
    [
      'for a button of another type',
      link,
      { buttons: [{ index: 0, type: 'copy_code', code: 'x' }] },
      ['buttons', 'buttons'],
    ],
  ])('%s', (_, definition, ...[variables, paths]) => {
    const given = shapeOfContent(content(variables))
    const problems = explainMismatch(shapeOfTemplate(definition), given)
    expect(problems.map(({ path }) => path)).toEqual(
      paths.map((path) => `content.variables.${path}`),
    )
  })
})

describe('parameter texts', () => {
  const wrong = ['', 'a\nb', 'a\rb', 'a\tb', `a${' '.repeat(5)}b`, 'x'.repeat(1025)]
  it.each(wrong)('%j is refused wherever a person would read it', (text) => {
    const buttons = [
      { index: 0, type: 'url', text },
      { index: 1, type: 'copy_code', code: text },
      { index: 2, type: 'quick_reply', payload: text },
    ] as const
    const problems = textProblems(
      content({ header: [text], body: { nome: text, bom: 'x' }, buttons }),
    )
    expect(problems.map(({ path }) => path)).toEqual(
      ['header.0', 'body.nome', 'buttons.0.text', 'buttons.1.code'].map(
        (path) => `content.variables.${path}`,
      ),
    )
  })

  it.each(['Ana', `a${' '.repeat(4)}b`, 'x'.repeat(1024), 'ção 👍'])('%j is taken', (text) => {
    expect(textProblems(content({ header: [text], body: [text] }))).toEqual([])
    expect(textProblems(content(undefined))).toEqual([])
  })
})

/** The code with which the simulator refuses the send; undefined: it takes it. */
function refusal(store: TemplateStore, given: TemplateContent): number | undefined {
  const send = contentSchemas.template.parse(sendOf(given))
  try {
    checkTemplate(store, send)
    return undefined
  } catch (error) {
    if (error instanceof GraphError) return error.code
    throw error
  }
}

function sendOf({ name, language, variables = {} }: TemplateContent): object {
  const { header = [], headerMedia, body = [], buttons = [] } = variables
  const file = headerMedia && { type: headerMedia.type, [headerMedia.type]: { id: '1' } }
  return {
    name,
    language: { code: language },
    components: [
      { type: 'header', parameters: [...texts(header), ...(file ? [file] : [])] },
      { type: 'body', parameters: texts(body) },
      ...buttons.map(({ index, type }) => ({
        type: 'button',
        sub_type: type,
        index,
        parameters: [
          type === 'copy_code'
            ? { type: 'coupon_code', coupon_code: 'x' }
            : { type: 'text', text: 'x' },
        ],
      })),
    ],
  }
}

function texts(values: VariableValues): readonly object[] {
  return Array.isArray(values)
    ? values.map((text) => ({ type: 'text', text }))
    : Object.entries(values).map(([parameter_name, text]) => ({
        type: 'text',
        parameter_name,
        text,
      }))
}
