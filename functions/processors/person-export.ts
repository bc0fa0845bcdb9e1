import { tasks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { personExportEnv } from '../env.ts'
import { wireExportPerson } from '../wire-privacy.ts'

export const handler = tasks(wireExportPerson(config(personExportEnv)))
