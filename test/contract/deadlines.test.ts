import { openMemoryWorld } from '#test/faults/memory/world.ts'
import { openPostgresWorld } from '#test/support/stores.ts'
import { deadlinesSuite } from './suites/deadlines.ts'

deadlinesSuite('stores in PostgreSQL', openPostgresWorld)
deadlinesSuite('stores in memory', openMemoryWorld)
