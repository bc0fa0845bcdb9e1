import { join } from 'node:path'
import { config } from '#shared/runtime/config.ts'
import { deployment } from '#shared/runtime/schedule.ts'
import { migrateEnv } from '../env.ts'
import { wireMigrate } from '../wire.ts'

const migrate = wireMigrate(config(migrateEnv))

/** The bundle carries the SQL files beside it. */
export const handler = deployment(() => migrate(join(import.meta.dirname, 'migrations')))
