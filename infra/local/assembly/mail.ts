import * as z from 'zod'
import { reference, type TemplateValue } from './intrinsics.ts'
import { anyValue, ofType, parseProperties, refusal } from './properties.ts'
import type { Resource, Template } from './template.ts'
import type { MailRoad } from './types.ts'

const destinationProperties = z.looseObject({
  EventDestination: z.looseObject({ SnsDestination: z.looseObject({ TopicARN: anyValue }) }),
})

const ruleProperties = z.looseObject({
  Rule: z.looseObject({
    Actions: z.tuple([
      z.looseObject({
        S3Action: z.looseObject({
          BucketName: anyValue,
          ObjectKeyPrefix: z.string().default(''),
          TopicArn: anyValue,
        }),
      }),
    ]),
  }),
})

/** Where SES publishes and stores. At most one event destination and one receipt rule is run. */
export function readMailRoad(template: Template): MailRoad {
  return {
    events: onlyOne(template, 'AWS::SES::ConfigurationSetEventDestination', (resource) => {
      const { EventDestination } = parseProperties(destinationProperties, resource)
      return { topicLogicalId: idOf(resource, EventDestination.SnsDestination.TopicARN) }
    }),
    inbound: onlyOne(template, 'AWS::SES::ReceiptRule', (resource) => {
      const [{ S3Action }] = parseProperties(ruleProperties, resource).Rule.Actions
      return {
        bucketLogicalId: idOf(resource, S3Action.BucketName),
        keyPrefix: S3Action.ObjectKeyPrefix.replace(/\/$/, ''),
        topicLogicalId: idOf(resource, S3Action.TopicArn),
      }
    }),
  }
}

function onlyOne<T>(
  template: Template,
  type: string,
  read: (resource: Resource) => T,
): T | undefined {
  const [first, second] = ofType(template, type)
  if (second !== undefined) throw refusal(second, 'only one of its type is run locally')
  return first && read(first)
}

function idOf(resource: Resource, value: TemplateValue): string {
  const target = reference(value)
  if (target === undefined) throw refusal(resource, 'it names something outside of this stack')
  return target.logicalId
}
