import * as z from 'zod'
import { AwsError, members, startAwsJson } from '#infra/local/aws-json.ts'

const entry = z.object({
  EventBusName: z.string(),
  Source: z.string(),
  DetailType: z.string(),
  Detail: z.string(),
  Time: z.number(),
})
const input = z.object({ Entries: z.array(entry).min(1).max(10) })

/**
 * An EventBridge that keeps what it is given, over the protocol of the real client. `refuse` makes it
 * answer that it did not take these entries, as it does when it is throttled.
 */
export async function startEventBus() {
  const taken: z.output<typeof entry>[] = []
  let calls = 0
  let refuse = (_index: number, _call: number) => false
  const service = await startAwsJson<'internal'>({
    port: 0,
    targetPrefix: 'AWSEvents',
    steeringPath: '/_events',
    faults: { internal: () => new AwsError('InternalException', 'broken', 500) },
    actions: {
      PutEvents: (given: unknown) => {
        calls += 1
        const results = members(input, given).Entries.map((each, index) => {
          if (refuse(index, calls))
            return { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow' }
          taken.push(each)
          return { EventId: crypto.randomUUID() }
        })
        const failed = results.filter((result) => 'ErrorCode' in result)
        return { FailedEntryCount: failed.length, Entries: results }
      },
    },
  })
  return {
    url: service.url,
    taken,
    calls: () => calls,
    fail: service.fail,
    refuse: (when: (index: number, call: number) => boolean) => {
      refuse = when
    },
    close: service.close,
  }
}
