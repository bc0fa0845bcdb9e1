import { openPostgresWorld } from '#test/support/stores.ts'
import { acceptingSuite } from './suites/accepting.ts'
import { lostAnswersSuite } from './suites/lost-answers.ts'
import { orderingSuite } from './suites/ordering.ts'
import { sendingSuite } from './suites/sending.ts'

const stores = 'stores in PostgreSQL'

acceptingSuite(stores, openPostgresWorld)
sendingSuite(stores, openPostgresWorld)
orderingSuite(stores, openPostgresWorld)
lostAnswersSuite(stores, openPostgresWorld)
