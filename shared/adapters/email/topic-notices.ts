import * as z from 'zod'
import type { EmailNotice } from '#shared/domain/email-notice.ts'
import { readSesNotification } from './ses-events.ts'

const envelope = z.looseObject({ Type: z.string(), TopicArn: z.string() })

/**
 * As `readSesNotification`, of what SNS brought from the topic of this name only; other JSON is ignored
 * as `topic-unknown`. The queue's policy lets nobody else in: this is the second wall.
 */
export function noticesOfTopic(name: string) {
  return (body: string): readonly EmailNotice[] => {
    const read = parsed(body)
    if (read === undefined) return readSesNotification(body)
    const topic = envelope.safeParse(read).data?.TopicArn
    return topic?.startsWith('arn:') && topic.endsWith(`:${name}`)
      ? readSesNotification(body)
      : [{ kind: 'ignored', reason: 'topic-unknown' }]
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
