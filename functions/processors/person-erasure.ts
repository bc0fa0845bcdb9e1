import { tasks } from '#shared/runtime/batch.ts'
import { config } from '#shared/runtime/config.ts'
import { personErasureEnv } from '../env.ts'
import { wireErasePerson } from '../wire-privacy.ts'

export const handler = tasks(wireErasePerson(config(personErasureEnv)))
