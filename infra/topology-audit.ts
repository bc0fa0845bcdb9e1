import { chainAuditEnv, exportAuditHeadsEnv } from '#functions/env.ts'
import type { FunctionSpec } from './topology-shapes.ts'

/** What keeps the audit honest; part of the one list in topology.ts. */

export type AuditFunctionName = 'chain-audit' | 'export-audit-heads'

export const auditFunctions: Readonly<Record<AuditFunctionName, FunctionSpec>> = {
  'chain-audit': {
    entry: 'functions/schedules/chain-audit.ts',
    env: chainAuditEnv,
    timeoutSeconds: 50,
    memoryMb: 512,
    access: ['database'],
    sendsTo: [],
    errorImpact: 'the audit is written but not chained; a change of it would not be seen',
  },
  'export-audit-heads': {
    entry: 'functions/schedules/export-audit-heads.ts',
    env: exportAuditHeadsEnv,
    timeoutSeconds: 60,
    memoryMb: 512,
    access: ['database', 'audit-heads:write'],
    sendsTo: [],
    errorImpact: 'the ends of the audit are not kept outside of the database today',
  },
}
