import type { MailVerdicts } from './email-notice.ts'

/** What SES's verdicts mean for a mail. */
export interface MailTrust {
  /** The author's domain vouches for the mail: the address in it is true. */
  readonly isProven: boolean
  /** Nothing vouches for the author, who may be anybody. */
  readonly isUnverified: boolean
  /** Only the token of a chat lets such a mail in; without one it is parked for this reason. */
  readonly guard?: 'spam' | 'unverified'
}

/** SES drops nothing for its verdicts (facts: SES §9): this is where they count. */
export function mailTrust({ spam, spf, dkim, dmarc, dmarcPolicy }: MailVerdicts): MailTrust {
  const isRefused = dmarc === 'FAIL' && (dmarcPolicy === 'reject' || dmarcPolicy === 'quarantine')
  const hasNoVoucher = dmarc !== 'PASS' && spf !== 'PASS' && dkim !== 'PASS'
  const guard = spam === 'FAIL' ? 'spam' : isRefused ? 'unverified' : undefined
  return {
    isProven: dmarc === 'PASS',
    isUnverified: dmarc === 'FAIL' || hasNoVoucher,
    ...(guard !== undefined && { guard }),
  }
}
