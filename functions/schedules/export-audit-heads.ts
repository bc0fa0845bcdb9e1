import { config } from '#shared/runtime/config.ts'
import { schedule } from '#shared/runtime/schedule.ts'
import { exportAuditHeadsEnv } from '../env.ts'
import { wireExportAuditHeads } from '../wire-audit.ts'

export const handler = schedule(wireExportAuditHeads(config(exportAuditHeadsEnv)))
