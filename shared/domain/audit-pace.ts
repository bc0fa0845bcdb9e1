/**
 * What one run of `chain-audit` does at most: it begins no call after so many seconds. PostgreSQL chains
 * 3,800 entries a second (`npm run bench`): a call takes 3 s, a run 150,000 entries.
 */
export const auditPace = { entriesACall: 10_000, secondsARun: 40 } as const
