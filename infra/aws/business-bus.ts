import * as events from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import type { Construct } from 'constructs'
import type { WorkQueue } from '#infra/aws/queues.ts'

/**
 * Where finance systems inside AWS put what happened to movements and installments: the event's type
 * as detail type, the event as detail, and a source that a tenant is known by. Only this account may
 * put events there. What the rule may not hand over goes to the queue's DLQ.
 */
export function businessBus(scope: Construct, work: WorkQueue): events.EventBus {
  const bus = new events.EventBus(scope, 'BusinessBus', {
    ...(work.spec.bus !== undefined && { eventBusName: work.spec.bus }),
    description: 'What finance systems tell Recado of movements and installments',
  })
  new events.Rule(scope, 'BusinessRule', {
    eventBus: bus,
    description: 'Movements and installments, into their queue',
    eventPattern: {
      detailType: events.Match.anyOf(
        events.Match.prefix('movement.'),
        events.Match.prefix('installment.'),
      ),
    },
    targets: [new SqsQueue(work.queue, { deadLetterQueue: work.deadLetters })],
  })
  return bus
}
