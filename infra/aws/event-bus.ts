import { EventBus } from 'aws-cdk-lib/aws-events'
import type { Construct } from 'constructs'

/**
 * Where programs inside AWS hear what happened: source `recado`, the event's type as detail type.
 * Ids and clear facts only. Rules on it are its listeners' own.
 */
export function eventBus(scope: Construct): EventBus {
  return new EventBus(scope, 'EventBus', {
    eventBusName: 'recado',
    description: 'What happened in Recado, for programs in this account',
  })
}
