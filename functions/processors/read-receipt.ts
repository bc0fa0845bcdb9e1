import { tasks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { readReceiptEnv } from '../env.ts'
import { wireTellReadReceipts } from '../wire.ts'

export const handler = tasks(wireTellReadReceipts(config(readReceiptEnv)))
