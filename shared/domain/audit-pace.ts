/**
 * What one run of `chain-audit` does at most. PostgreSQL chains 3,800 entries a second (`npm run bench`):
 * a call takes 3 s and a run 21 s, less than half of its function's time.
 */
export const auditPace = { entriesACall: 10_000, callsARun: 8 } as const
