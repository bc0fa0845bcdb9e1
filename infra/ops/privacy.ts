import { S3Client } from '@aws-sdk/client-s3'
import * as z from 'zod'
import { makeErasureStore } from '#shared/adapters/database/erasure-store.ts'
import { makeS3ErasureLedger } from '#shared/adapters/storage/s3-erasures.ts'
import { config } from '#shared/runtime/config.ts'
import { makeReplayErasures } from '#shared/use-cases/erase-person.ts'
import { readOptions } from './arguments.ts'
import type { Command } from './operations.ts'

const ledgerEnv = z.object({ LEDGER_BUCKET: z.string().min(1) })

/** No step of an erasure is made here; the receipts are those of the processor. */
const unusedDays = { backupDays: 1, rawMailDays: 1, queueDays: 1 }

/** After a restore: plans every erasure of the ledger again whose person is there. */
export function replayErasures(argv: readonly string[]): Command {
  readOptions(argv, z.object({}))
  return {
    role: 'functions',
    run: async ({ database, environment }) => {
      const { LEDGER_BUCKET } = config(ledgerEnv, environment)
      const replay = makeReplayErasures({
        erasures: makeErasureStore(database, unusedDays),
        ledger: makeS3ErasureLedger(new S3Client({ forcePathStyle: true }), LEDGER_BUCKET),
      })
      return JSON.stringify(await replay())
    },
  }
}
