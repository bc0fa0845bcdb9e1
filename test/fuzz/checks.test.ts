import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Judge, judgeBy } from '../support/api-schema.ts'
import { type Answered, faultsOf } from './checks.ts'
import { type FuzzedOperation, type Json, operationsOf } from './operations.ts'
import { makePool } from './pool.ts'
import { draftsOf } from './requests.ts'

let document: Json
let judge: Judge
let getChat: FuzzedOperation
beforeAll(async () => {
  document = JSON.parse(await readFile('docs/openapi.json', 'utf8'))
  judge = judgeBy(document)
  getChat = operationsOf(document).find(({ id }) => id === 'getChat') as FuzzedOperation
})

const marker = 'segredo-1'
const refused = (code: string, more: object = {}) => ({
  ...{ type: `urn:recado:problem:${code}`, title: 'No.', text: 'Não.', status: 404, code },
  ...{ retryable: false, requestId: 'a', traceId: 'b', ...more },
})
const answer = (
  status: number,
  json: unknown,
  contentType = 'application/problem+json',
): Answered => ({
  status,
  contentType,
  text: JSON.stringify(json),
})
const faults = (given: Answered, asked: object = {}) =>
  faultsOf(
    getChat,
    { asked: { bearer: 'own', whose: 'own', ...asked }, answer: given },
    { judge, marker },
  )
/** A right answer with this status, as the document shows it. */
function examples(status: number): Answered {
  const content = getChat.responses.get(status)?.content?.['application/json']
  return answer(status, (content as { readonly example?: unknown })?.example, 'application/json')
}

describe('what the fuzzer sees in an answer', () => {
  it('nothing wrong with the documented ones', () => {
    expect(faults(examples(200))).toEqual([])
    expect(faults(answer(404, refused('chat-not-found')))).toEqual([])
    expect(faults({ status: 304, contentType: '', text: '' })).toEqual([])
    expect(faults(answer(401, { message: 'Unauthorized' }, 'application/json'))).toEqual([])
  })

  it.each<[string, Answered, string, object?]>([
    ['a 500', answer(500, refused('internal-error')), 'answered 500'],
    ['no answer', { status: 0, contentType: '', text: 'ECONNRESET' }, 'no answer'],
    ['a status of its own', answer(418, {}), '418 is not documented'],
    ['HTML', answer(404, {}, 'text/html'), '404 as "text/html" is not documented'],
    ['no JSON', { ...answer(404, {}), text: '<p>' }, '404 is no JSON'],
    ['a code of another operation', answer(404, refused('media-not-found')), 'code must be equal'],
    [
      'a field that nobody documented',
      answer(404, refused('chat-not-found', { x: 1 })),
      'additional',
    ],
    ['a chat without its fields', answer(200, {}, 'application/json'), 'required property'],
    ['a body with a 304', { status: 304, contentType: '', text: '{}' }, 'has a body'],
    [
      "another tenant's words",
      answer(404, refused('chat-not-found', { title: marker })),
      'another',
    ],
  ])('%s', (_name, given, fault) => {
    expect(faults(given).join('; ')).toContain(fault)
  })

  it('a success without a token, with a bad one, and for what is not ours', () => {
    expect(faults(examples(200), { bearer: 'none' })).toEqual(['200 with the token "none"'])
    expect(faults(examples(200), { bearer: 'without-scope' })).toHaveLength(1)
    expect(faults(examples(200), { whose: 'foreign' })).toEqual([
      "200 for what is another tenant's",
    ])
  })
})

describe('the requests', () => {
  it('are made for every operation of the document, of every kind', () => {
    for (const operation of operationsOf(document)) {
      const nameFor = makePool(['chatId', 'messageId', 'mediaId']).nameFor
      const drafts = fc.sample(draftsOf(operation, { document, nameFor }), {
        seed: 1,
        numRuns: 300,
      })
      expect(drafts).toHaveLength(300)
      expect(new Set(drafts.map(({ bearer }) => bearer)).size, operation.id).toBe(5)
      expect(new Set(drafts.map(({ whose }) => whose)).size).toBe(3)
      const kinds = drafts.map(({ body }) => (body === undefined ? 'none' : Object.keys(body)[0]))
      const wanted = operation.body === undefined ? ['none', 'raw'] : ['json', 'raw']
      expect([...new Set(kinds)].toSorted(), operation.id).toEqual(wanted)
    }
  })

  it('use what answers have shown, together with what stood beside it', () => {
    const pool = makePool(['chatId', 'messageId', 'cursor'])
    expect(pool.pick(['chatId'], 0)).toBeUndefined()
    pool.learn({ items: [{ chatId: '7', messageId: '9' }, { chatId: '8' }], nextCursor: 'c' })
    expect(pool.pick(['chatId', 'messageId'], 5)).toEqual({ chatId: '7', messageId: '9' })
    expect(pool.pick(['cursor'], 0)).toEqual({ cursor: 'c' })
    expect(pool.nameFor('replyToMessageId')).toBe('messageId')
    expect(pool.nameFor('name')).toBeUndefined()
  })
})
