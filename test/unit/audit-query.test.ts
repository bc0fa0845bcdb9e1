import { describe, expect, it } from 'vitest'
import { auditQuery } from '#shared/contracts/audit.ts'

describe('the query of the audit', () => {
  it.each(['client', 'operator'])('takes the name of a %s', (actorKind) => {
    expect(auditQuery.safeParse({ actorKind, actor: 'Ana Lima' }).success).toBe(true)
  })

  it.each(['\u0000', 'a\u0000b', '', ' ', '\ud800', 'a\nb', 'x'.repeat(121)])(
    'takes no %j for a name',
    (actor) => {
      expect(auditQuery.safeParse({ actorKind: 'operator', actor }).success).toBe(false)
    },
  )

  it('takes no name without its kind', () => {
    expect(auditQuery.safeParse({ actor: '1042' }).success).toBe(false)
  })
})
