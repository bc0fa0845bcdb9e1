import { openPostgresWorld } from '#test/support/stores.ts'
import { listingSuite } from './suites/listing.ts'
import { openingSuite } from './suites/opening.ts'

const stores = 'stores in PostgreSQL'

openingSuite(stores, openPostgresWorld)
listingSuite(stores, openPostgresWorld)
