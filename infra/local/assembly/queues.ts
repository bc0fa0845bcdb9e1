import * as z from 'zod'
import { reference } from './intrinsics.ts'
import { anyValue, literal, ofType, parseProperties, refusal } from './properties.ts'
import type { Resource, Template } from './template.ts'
import type { Queue } from './types.ts'

const queueProperties = z.looseObject({
  DelaySeconds: z.int().default(0),
  FifoQueue: z.boolean().default(false),
  MessageRetentionPeriod: z.int().default(345_600),
  RedrivePolicy: z
    .looseObject({ deadLetterTargetArn: anyValue, maxReceiveCount: z.coerce.number().int() })
    .optional(),
  Tags: z.array(z.looseObject({ Key: z.string(), Value: anyValue })).default([]),
  VisibilityTimeout: z.int().default(30),
})

export function readQueues(template: Template): Queue[] {
  return ofType(template, 'AWS::SQS::Queue').map((resource) => readQueue(template, resource))
}

function readQueue(template: Template, resource: Resource): Queue {
  const properties = parseProperties(queueProperties, resource)
  return {
    logicalId: resource.logicalId,
    name:
      nameFromTags(properties.Tags) ?? literal(resource.properties.QueueName) ?? resource.logicalId,
    fifo: properties.FifoQueue,
    visibilityTimeoutSeconds: properties.VisibilityTimeout,
    delaySeconds: properties.DelaySeconds,
    retentionSeconds: properties.MessageRetentionPeriod,
    deadLetter: deadLetter(template, resource, properties.RedrivePolicy),
  }
}

type Tags = z.output<typeof queueProperties>['Tags']

function nameFromTags(tags: Tags): string | undefined {
  const tagged = (key: string) => literal(tags.find(({ Key }) => Key === key)?.Value)
  const origin = tagged('recado:dlq')
  return tagged('recado:queue') ?? (origin === undefined ? undefined : `${origin}-dead-letters`)
}

function deadLetter(
  template: Template,
  resource: Resource,
  policy: z.output<typeof queueProperties>['RedrivePolicy'],
): Queue['deadLetter'] {
  if (policy === undefined) return undefined
  const queueLogicalId = reference(policy.deadLetterTargetArn)?.logicalId ?? ''
  if (template.resources.get(queueLogicalId)?.type !== resource.type) {
    throw refusal(resource, 'its dead-letter queue is not in this stack')
  }
  return { queueLogicalId, maxReceiveCount: policy.maxReceiveCount }
}
