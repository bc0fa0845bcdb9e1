import type { Assembly } from './assembly/types.ts'
import type { Parts } from './parts.ts'

/** Lets the mailbox publish and store where the template's SES does. */
export async function connectMail(
  { mail, endpoints }: Pick<Parts, 'mail' | 'endpoints'>,
  { mail: road }: Assembly,
  {
    buckets,
    topics,
  }: {
    readonly buckets: ReadonlyMap<string, string>
    readonly topics: ReadonlyMap<string, string>
  },
): Promise<void> {
  const through = (logicalId: string) => {
    const topicArn = topics.get(logicalId)
    return { snsEndpoint: endpoints.sns, ...(topicArn !== undefined && { topicArn }) }
  }
  const { events, inbound } = road
  const bucket = buckets.get(inbound?.bucketLogicalId ?? '')
  await mail?.connect({
    ...(events && { events: through(events.topicLogicalId) }),
    ...(inbound &&
      bucket !== undefined && {
        inbound: {
          ...through(inbound.topicLogicalId),
          s3Endpoint: endpoints.s3,
          bucket,
          keyPrefix: inbound.keyPrefix,
        },
      }),
  })
}
