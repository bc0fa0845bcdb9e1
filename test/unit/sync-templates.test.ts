import { describe, expect, it } from 'vitest'
import { durations } from '#shared/domain/durations.ts'
import type { Job } from '#shared/ports/job-store.ts'
import type { TemplateListing } from '#shared/ports/template-source.ts'
import type { TemplateChanges } from '#shared/ports/template-store.ts'
import { makeSyncTemplates } from '#shared/use-cases/sync-templates.ts'

const waits = durations()
const whole: TemplateListing = { outcome: 'listed', templates: [], isWhole: true }
const calm: TemplateChanges = { blocked: 0, recategorised: 0, other: 3 }

/** One sync whose provider answers in turn, one answer for each secret of the account. */
async function run(
  answers: Readonly<Record<string, TemplateListing>>,
  more: { readonly attempts?: number; readonly changes?: TemplateChanges | null } = {},
) {
  const { attempts = 1, changes = calm } = more
  const told: unknown[] = []
  const asked: string[] = []
  const work = makeSyncTemplates({
    waits,
    alerts: { raise: (name, facts) => void told.push({ name, ...facts }) },
    directory: { accountSecrets: async () => Object.keys(answers) },
    source: {
      list: async ({ secretName }) => {
        asked.push(secretName)
        return answers[secretName] ?? whole
      },
    },
    templates: { planSyncs: async () => [], apply: async () => changes ?? undefined },
  })
  const job: Job = {
    tenantId: '7',
    taskId: '1',
    fence: '1',
    attempts,
    messageId: undefined,
    payload: { wabaId: '1022' },
  }
  return { result: await work(job), told, asked }
}

const failed = (reason: string) => [
  { name: 'TemplateSyncFailed', tenantId: '7', wabaId: '1022', reason },
]

describe('a sync of templates', () => {
  it('is done, and tells nothing, when nothing got worse', async () => {
    expect(await run({ a: whole })).toEqual({
      result: { outcome: 'DONE' },
      told: [],
      asked: ['a'],
    })
  })

  it('tells once what is blocked, with counts', async () => {
    const changes = { blocked: 2, recategorised: 1, other: 1 }
    const { told } = await run({ a: whole }, { changes })
    expect(told).toEqual([{ name: 'TemplateChanged', tenantId: '7', wabaId: '1022', ...changes }])
  })

  it('leaves it to the other one when its claim is over', async () => {
    const { result, told } = await run({ a: whole }, { changes: null })
    expect({ result, told }).toEqual({ result: { outcome: 'DONE' }, told: [] })
  })

  it('tries the tokens of the account one after another', async () => {
    const refused: TemplateListing = { outcome: 'refused', reason: 'sender-token', code: 190 }
    expect(await run({ a: refused, b: whole, c: whole })).toMatchObject({
      result: { outcome: 'DONE' },
      asked: ['a', 'b'],
    })
    expect(await run({ a: refused, b: refused })).toEqual({
      result: { outcome: 'DEAD', reason: 'sender-token' },
      told: failed('sender-token'),
      asked: ['a', 'b'],
    })
  })

  it('cannot ask for an account without senders', async () => {
    expect(await run({})).toMatchObject({
      result: { outcome: 'DEAD', reason: 'sender-setup' },
      told: failed('sender-setup'),
    })
  })

  it('waits longer each time, and is given up loudly', async () => {
    const away: TemplateListing = { outcome: 'unavailable', reason: 'provider-unavailable' }
    const waited = [60, 120, 240, 480]
    for (const [index, retryInSeconds] of waited.entries()) {
      const { result, told } = await run({ a: away }, { attempts: index + 1 })
      expect(result).toEqual({ outcome: 'RETRY', reason: 'provider-unavailable', retryInSeconds })
      expect(told).toEqual([])
    }
    expect(await run({ a: away }, { attempts: 5 })).toMatchObject({
      result: { outcome: 'DEAD', reason: 'provider-unavailable' },
      told: failed('provider-unavailable'),
    })
  })

  it.each([
    [undefined, 900],
    [30, 900],
    [7200, 7200],
  ])('told to wait %s s it waits %i s', async (retryAfterSeconds, retryInSeconds) => {
    const { result } = await run({ a: { outcome: 'throttled', retryAfterSeconds } })
    expect(result).toEqual({ outcome: 'RETRY', reason: 'rate-limited', retryInSeconds })
  })

  it('of a list that is not whole writes what there is, and says so', async () => {
    expect(await run({ a: { ...whole, isWhole: false } })).toMatchObject({
      result: { outcome: 'DEAD', reason: 'list-not-whole' },
      told: failed('list-not-whole'),
    })
  })
})
