import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { shownProblem } from '#shared/contracts/problem.ts'
import { Refusal } from '#shared/domain/errors.ts'
import { problemOf } from '#shared/runtime/problems.ts'

const shown = (error: unknown) => {
  const { statusCode, headers, body } = problemOf(error, {
    requestId: 'request-1',
    traceId: '1-5759e988-bd862e3fe1be46a994272793',
  })
  return { statusCode, headers, json: JSON.parse(body ?? '') }
}

describe('problemOf', () => {
  it('shows what was expected, where a rule tells it', () => {
    const expected = { body: 3, header: { format: 'IMAGE' } }
    const problems = [{ path: 'content.variables.body', message: 'needs 3 texts' }]
    const { statusCode, json } = shown(
      new Refusal('template-parameters', 0, { expected, problems }),
    )
    expect(statusCode).toBe(422)
    const code = 'template-parameters'
    expect(json).toMatchObject({ code, retryable: false, expected, errors: problems })
  })

  it.each([
    ['service-window-closed', 422],
    ['opted-out', 422],
    ['suppressed', 422],
    ['mail-paused', 409],
    ['suppression-not-found', 404],
    ['expiry-passed', 422],
    ['reply-to-missing', 422],
    ['template-missing', 422],
    ['template-recategorised', 409],
    ['template-paused', 409],
    ['template-disabled', 409],
    ['template-not-approved', 409],
    ['media-not-found', 404],
    ['media-not-ready', 409],
  ] as const)('%s is %i', (code, status) => {
    const { statusCode, json } = shown(new Refusal(code))
    expect({ statusCode, ...json }).toMatchObject({ statusCode: status, status, code })
    expect(json.expected).toBeUndefined()
  })

  it('speaks to programmers and to people, as the contract of problems says', () => {
    const { json } = shown(new Refusal('opted-out'))
    expect(json).toMatchObject({
      title: 'The person asked not to be written to.',
      text: 'A pessoa pediu para não receber mensagens.',
    })
    expect(z.strictObject(shownProblem.shape).safeParse(json).error).toBeUndefined()
  })

  it('tells nothing of what we did not foresee', () => {
    const { statusCode, json } = shown(new Error('password=hunter2'))
    expect({ statusCode, code: json.code }).toEqual({ statusCode: 500, code: 'internal-error' })
    expect(JSON.stringify(json)).not.toContain('hunter2')
  })
})
