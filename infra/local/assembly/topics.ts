import * as z from 'zod'
import { reference } from './intrinsics.ts'
import { anyValue, literal, ofType, parseProperties, refusal } from './properties.ts'
import type { Targets } from './targets.ts'
import type { Template } from './template.ts'
import type { Subscription, Topic } from './types.ts'

const subscriptionProperties = z.looseObject({
  Endpoint: anyValue,
  FilterPolicy: z.undefined({ error: 'filters are not run locally' }).optional(),
  Protocol: z.string(),
  RawMessageDelivery: z.boolean().default(false),
  TopicArn: anyValue,
})

export function readTopics(template: Template): Topic[] {
  return ofType(template, 'AWS::SNS::Topic').map(({ logicalId, properties }) => ({
    logicalId,
    name: literal(properties.TopicName) ?? logicalId,
  }))
}

/** Subscriptions of queues. */
export function readSubscriptions(template: Template, targets: Targets): Subscription[] {
  return ofType(template, 'AWS::SNS::Subscription').flatMap((resource) => {
    const properties = parseProperties(subscriptionProperties, resource)
    if (properties.Protocol !== 'sqs') return []
    const topic = template.resources.get(reference(properties.TopicArn)?.logicalId ?? '')
    const queue = targets.queue(properties.Endpoint)
    if (topic === undefined) throw refusal(resource, 'its topic is not in this stack')
    if (queue === undefined) throw refusal(resource, 'its endpoint is not a queue of this stack')
    return {
      topicLogicalId: topic.logicalId,
      queueLogicalId: queue.logicalId,
      isRaw: properties.RawMessageDelivery,
    }
  })
}
