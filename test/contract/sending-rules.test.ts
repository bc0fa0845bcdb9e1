import { openPostgresWorld } from '#test/support/stores.ts'
import { numbersSuite } from './suites/numbers.ts'
import { rulesSuite } from './suites/rules.ts'

const stores = 'stores in PostgreSQL'

rulesSuite(stores, openPostgresWorld)
numbersSuite(stores, openPostgresWorld)
