import type { Context } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { describeError } from '#shared/runtime/log.ts'
import { deployment, schedule } from '#shared/runtime/schedule.ts'

const quoted =
  'recusado:\n    at Rua das Flores 12, Maria, +5511988887777\n at maria@exemplo.com.br'
const fail = () => Promise.reject(new TypeError(quoted))
const run = (handler: ReturnType<typeof schedule>) => handler({}, {} as Context)

describe('what is said of an error', () => {
  it('holds no line of its text, also where one looks like a frame', () => {
    const { errorName, frames } = describeError(new TypeError(quoted))
    expect(errorName).toBe('TypeError')
    expect(JSON.stringify(frames)).not.toMatch(/Maria|maria/)
    expect(frames).toContainEqual(expect.stringContaining('error-texts.test.ts'))
  })

  it('holds none either when the text was changed after it was thrown', () => {
    const error = new Error(quoted)
    expect(error.stack).toContain(quoted)
    error.message = 'another'
    const { frames } = describeError(error)
    expect(JSON.stringify(frames)).not.toMatch(/Maria|maria/)
    expect(frames).toContainEqual(expect.stringContaining('error-texts.test.ts'))
  })

  it('holds the beginning of JSON that does not parse no more than any other text', () => {
    let thrown: unknown
    try {
      JSON.parse('x\n at Ana')
    } catch (error) {
      thrown = error
    }
    const { frames } = describeError(thrown)
    expect(JSON.stringify(frames)).not.toContain('Ana')
    expect(frames).toContainEqual('at JSON.parse (<anonymous>)')
  })
})

describe('what a clock throws', () => {
  it('is the name of what went wrong: Lambda logs its text', async () => {
    const thrown = await run(schedule(fail)).catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(Error)
    expect(thrown).toMatchObject({ message: 'failed with TypeError' })
    expect(String((thrown as Error).stack)).not.toMatch(/Maria|maria/)
    expect((thrown as Error).cause).toBeUndefined()
  })

  it('of a deployment is the error itself, whose text is the reason', async () => {
    await expect(run(deployment(fail))).rejects.toThrow(quoted)
  })
})
