import { openMemoryWorld } from '#test/faults/memory/world.ts'
import { openPostgresWorld } from '#test/support/stores.ts'
import { cancellingSuite } from './suites/cancelling.ts'

cancellingSuite('stores in PostgreSQL', openPostgresWorld)
cancellingSuite('stores in memory', openMemoryWorld)
