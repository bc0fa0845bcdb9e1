import type { OperationId } from '#test/support/operations.ts'
import { auditRows } from './authorization/audit.ts'
import { businessEventRows } from './authorization/business-events.ts'
import { chatRows } from './authorization/chats.ts'
import { dunningRows } from './authorization/dunning.ts'
import { eventRows } from './authorization/events.ts'
import { mediaRows } from './authorization/media.ts'
import { messageRows } from './authorization/messages.ts'
import { ownTemplateRows } from './authorization/own-templates.ts'
import { personRows } from './authorization/persons.ts'
import { privacyRows } from './authorization/privacy.ts'
import type { Row } from './authorization/row.ts'
import { subscriptionRows } from './authorization/subscriptions.ts'
import { suppressionRows } from './authorization/suppressions.ts'
import { templateRows } from './authorization/templates.ts'

/**
 * Who may do what to whose: a row an operation, each tried by every kind of token. Another tenant's
 * things are as if they were not there. An operation without a row does not compile.
 */
export const authorization: Readonly<Record<OperationId, Row>> = {
  ...chatRows,
  ...messageRows,
  ...mediaRows,
  ...personRows,
  ...privacyRows,
  ...templateRows,
  ...ownTemplateRows,
  ...eventRows,
  ...subscriptionRows,
  ...suppressionRows,
  ...auditRows,
  ...businessEventRows,
  ...dunningRows,
}
