import { openPostgresWorld } from '#test/support/stores.ts'
import { listingSuite } from './suites/listing.ts'
import { narrowingSuite } from './suites/narrowing.ts'
import { openingSuite } from './suites/opening.ts'
import { transitionsSuite } from './suites/transitions.ts'

const stores = 'stores in PostgreSQL'

openingSuite(stores, openPostgresWorld)
listingSuite(stores, openPostgresWorld)
narrowingSuite(stores, openPostgresWorld)
transitionsSuite(stores, openPostgresWorld)
