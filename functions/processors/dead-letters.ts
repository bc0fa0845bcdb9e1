import { deadLetters } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { deadLettersEnv } from '../env.ts'
import { wireRecordFailures } from '../wire.ts'

export const handler = deadLetters(wireRecordFailures(config(deadLettersEnv)))
