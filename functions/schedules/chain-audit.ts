import { config } from '#shared/runtime/config.ts'
import { schedule } from '#shared/runtime/schedule.ts'
import { chainAuditEnv } from '../env.ts'
import { wireChainAudit } from '../wire-audit.ts'

export const handler = schedule(wireChainAudit(config(chainAuditEnv)))
