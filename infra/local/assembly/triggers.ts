import * as z from 'zod'
import type { TemplateValue } from './intrinsics.ts'
import { anyValue, firstWord, literal, ofType, parseProperties, refusal } from './properties.ts'
import type { Targets } from './targets.ts'
import type { Resource, Template } from './template.ts'
import type { Mapping, Schedule } from './types.ts'

const mappingProperties = z.looseObject({
  BatchSize: z.int().default(10),
  Enabled: z.boolean().default(true),
  EventSourceArn: anyValue,
  FilterCriteria: z.undefined({ error: 'filters are not run locally' }).optional(),
  FunctionName: anyValue,
  FunctionResponseTypes: z.array(z.string()).default([]),
  MaximumBatchingWindowInSeconds: z.int().default(0),
  ScalingConfig: z.looseObject({ MaximumConcurrency: z.int() }).optional(),
})

/** Event source mappings from queues to functions. */
export function readMappings(template: Template, targets: Targets): Mapping[] {
  return ofType(template, 'AWS::Lambda::EventSourceMapping').map((resource) => {
    const properties = parseProperties(mappingProperties, resource)
    const target = targets.function(properties.FunctionName)
    const queue = targets.queue(properties.EventSourceArn)
    if (target === undefined) throw refusal(resource, 'its function has no bundle')
    if (queue === undefined) throw refusal(resource, 'its source is not a queue of this stack')
    return {
      logicalId: resource.logicalId,
      enabled: properties.Enabled,
      functionName: target.name,
      functionLogicalId: target.logicalId,
      queueName: queue.name,
      queueLogicalId: queue.logicalId,
      batchSize: properties.BatchSize,
      batchingWindowSeconds: properties.MaximumBatchingWindowInSeconds,
      maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency,
      reportBatchItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    }
  })
}

const scheduleProperties = z.looseObject({
  Description: z.string().optional(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Target: z.looseObject({ Arn: anyValue, Input: anyValue.optional() }),
})

/** Schedules of EventBridge Scheduler. */
export function readSchedules(template: Template, targets: Targets): Schedule[] {
  return ofType(template, 'AWS::Scheduler::Schedule').map((resource) => {
    const properties = parseProperties(scheduleProperties, resource)
    const name = literal(resource.properties.Name) ?? firstWord(properties.Description)
    return {
      logicalId: resource.logicalId,
      name: name ?? resource.logicalId,
      enabled: properties.State === 'ENABLED',
      expression: properties.ScheduleExpression,
      timezone: properties.ScheduleExpressionTimezone,
      target: scheduleTarget(resource, properties.Target.Arn, targets),
      input: properties.Target.Input,
    }
  })
}

function scheduleTarget(
  resource: Resource,
  arn: TemplateValue,
  targets: Targets,
): Schedule['target'] {
  const queue = targets.queue(arn)
  if (queue !== undefined) {
    return { kind: 'queue', queueName: queue.name, queueLogicalId: queue.logicalId }
  }
  const target = targets.function(arn)
  if (target === undefined) throw refusal(resource, 'its target is no bundled function or queue')
  return { kind: 'function', functionName: target.name, functionLogicalId: target.logicalId }
}
