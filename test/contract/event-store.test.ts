import { openPostgresWorld } from '#test/support/stores.ts'
import { inboundSuite } from './suites/inbound.ts'
import { reportsSuite } from './suites/reports.ts'
import { talkingSuite } from './suites/talking.ts'

const stores = 'stores in PostgreSQL'

inboundSuite(stores, openPostgresWorld)
reportsSuite(stores, openPostgresWorld)
talkingSuite(stores, openPostgresWorld)
