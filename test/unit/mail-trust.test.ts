import { describe, expect, it } from 'vitest'
import type { MailVerdicts } from '#shared/domain/email-notice.ts'
import { type MailTrust, mailTrust } from '#shared/domain/mail-trust.ts'

const passed: MailVerdicts = {
  spam: 'PASS',
  virus: 'PASS',
  spf: 'PASS',
  dkim: 'PASS',
  dmarc: 'PASS',
}
const failed = { spf: 'FAIL', dkim: 'FAIL', dmarc: 'FAIL' } as const

const rows: readonly (readonly [string, Partial<MailVerdicts>, MailTrust])[] = [
  ['all passed', {}, { isProven: true, isUnverified: false }],
  ['a domain without DMARC, signed', { dmarc: 'GRAY' }, { isProven: false, isUnverified: false }],
  [
    'a domain without DMARC, by SPF alone',
    { dmarc: 'GRAY', dkim: 'GRAY' },
    { isProven: false, isUnverified: false },
  ],
  ['nothing at all', { ...failed, dmarc: 'GRAY' }, { isProven: false, isUnverified: true }],
  [
    'verdicts that are not told',
    { spf: 'UNKNOWN', dkim: 'UNKNOWN', dmarc: 'UNKNOWN' },
    { isProven: false, isUnverified: true },
  ],
  ['DMARC failed without a wish', failed, { isProven: false, isUnverified: true }],
  [
    'DMARC failed, none asked for',
    { ...failed, dmarcPolicy: 'none' },
    { isProven: false, isUnverified: true },
  ],
  [
    'DMARC failed though SPF passed, for another domain',
    { dmarc: 'FAIL', dmarcPolicy: 'none' },
    { isProven: false, isUnverified: true },
  ],
  [
    'quarantine',
    { ...failed, dmarcPolicy: 'quarantine' },
    { isProven: false, isUnverified: true, guard: 'unverified' },
  ],
  [
    'reject',
    { ...failed, dmarcPolicy: 'reject' },
    { isProven: false, isUnverified: true, guard: 'unverified' },
  ],
  ['spam', { spam: 'FAIL' }, { isProven: true, isUnverified: false, guard: 'spam' }],
  [
    'spam that DMARC refuses too',
    { ...failed, spam: 'FAIL', dmarcPolicy: 'reject' },
    { isProven: false, isUnverified: true, guard: 'spam' },
  ],
  ['spam not looked for', { spam: 'DISABLED' }, { isProven: true, isUnverified: false }],
]

describe('what verdicts mean', () => {
  it.each(rows)('%s', (_, verdicts, trust) => {
    expect(mailTrust({ ...passed, ...verdicts })).toEqual(trust)
  })
})
