import { openMemoryWorld } from '#test/faults/memory/world.ts'
import { acceptingSuite } from './suites/accepting.ts'
import { breakerSuite } from './suites/breaker.ts'
import { clockworkSuite } from './suites/clockwork.ts'
import { inboundSuite } from './suites/inbound.ts'
import { listingSuite } from './suites/listing.ts'
import { lostAnswersSuite } from './suites/lost-answers.ts'
import { narrowingSuite } from './suites/narrowing.ts'
import { numbersSuite } from './suites/numbers.ts'
import { openingSuite } from './suites/opening.ts'
import { orderingSuite } from './suites/ordering.ts'
import { pacingSuite } from './suites/pacing.ts'
import { reportsSuite } from './suites/reports.ts'
import { rulesSuite } from './suites/rules.ts'
import { sendingSuite } from './suites/sending.ts'
import { talkingSuite } from './suites/talking.ts'
import { transitionsSuite } from './suites/transitions.ts'

/** The stores that the fault harness runs on, held to the same suites as the SQL ones. */
const stores = 'stores in memory'

acceptingSuite(stores, openMemoryWorld)
sendingSuite(stores, openMemoryWorld)
rulesSuite(stores, openMemoryWorld)
numbersSuite(stores, openMemoryWorld)
orderingSuite(stores, openMemoryWorld)
lostAnswersSuite(stores, openMemoryWorld)
clockworkSuite(stores, openMemoryWorld)
inboundSuite(stores, openMemoryWorld)
reportsSuite(stores, openMemoryWorld)
talkingSuite(stores, openMemoryWorld)
openingSuite(stores, openMemoryWorld)
listingSuite(stores, openMemoryWorld)
narrowingSuite(stores, openMemoryWorld)
transitionsSuite(stores, openMemoryWorld)
pacingSuite(stores, openMemoryWorld)
breakerSuite(stores, openMemoryWorld)
