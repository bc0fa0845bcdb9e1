/**
 * What one run of `chain-audit` does at most: it begins no call after so many seconds. PostgreSQL chains
 * 2,000 entries of 20 persons each a second beside other work (`npm run bench`): a call takes 2.5 s, a
 * run 80,000 entries.
 */
export const auditPace = { entriesACall: 5000, secondsARun: 40 } as const
