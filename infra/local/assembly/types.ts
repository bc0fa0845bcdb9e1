import type { TemplateValue } from './intrinsics.ts'
import type { Resource } from './template.ts'

/** What the local stack runs, as the synthesised template defines it. */
export interface Assembly {
  readonly functions: readonly FunctionSpec[]
  readonly routes: readonly Route[]
  readonly queues: readonly Queue[]
  readonly mappings: readonly Mapping[]
  readonly schedules: readonly Schedule[]
  readonly topics: readonly Topic[]
  readonly subscriptions: readonly Subscription[]
  readonly mail: MailRoad
  /** Every resource of the template by logical id, for the parts that no view above covers. */
  readonly resources: ReadonlyMap<string, Resource>
}

export interface FunctionSpec {
  readonly logicalId: string
  /** First word of the description; the logical id when there is none. */
  readonly name: string
  /** Absolute folder of the bundle. */
  readonly codeDirectory: string
  readonly handler: string
  readonly timeoutSeconds: number
  readonly memoryMb: number
  readonly environment: Readonly<Record<string, TemplateValue>>
}

export interface Route {
  /** As in the route key: an HTTP method, or `ANY`. */
  readonly method: string
  /** As in the route key: `/chats/{chatId}`, `/files/{path+}`, or `$default` (method `ANY`). */
  readonly path: string
  readonly functionName: string
  readonly functionLogicalId: string
  /** One of these must be in the token; empty when any valid token will do. */
  readonly scopes: readonly string[]
  readonly authorizer: Authorizer | undefined
}

export interface Authorizer {
  readonly issuer: string
  readonly audiences: readonly string[]
}

export interface Queue {
  readonly logicalId: string
  /**
   * Value of the tag `recado:queue`; for a DLQ that of `recado:dlq` with `-dead-letters` behind;
   * else the queue's own name, else the logical id.
   */
  readonly name: string
  readonly fifo: boolean
  readonly visibilityTimeoutSeconds: number
  readonly delaySeconds: number
  readonly retentionSeconds: number
  readonly deadLetter:
    | { readonly queueLogicalId: string; readonly maxReceiveCount: number }
    | undefined
}

export interface Mapping {
  readonly logicalId: string
  readonly enabled: boolean
  readonly functionName: string
  readonly functionLogicalId: string
  readonly queueName: string
  readonly queueLogicalId: string
  readonly batchSize: number
  readonly batchingWindowSeconds: number
  readonly maximumConcurrency: number | undefined
  readonly reportBatchItemFailures: boolean
}

export interface Topic {
  readonly logicalId: string
  /** Its own name, else the logical id. */
  readonly name: string
}

/** A topic that feeds a queue; other protocols have nobody to reach here. */
export interface Subscription {
  readonly topicLogicalId: string
  readonly queueLogicalId: string
  readonly isRaw: boolean
}

/** What SES is told to do with events and with mails that come in; undefined where nothing. */
export interface MailRoad {
  readonly events: { readonly topicLogicalId: string } | undefined
  readonly inbound:
    | {
        readonly bucketLogicalId: string
        /** Without a slash at its end. */
        readonly keyPrefix: string
        readonly topicLogicalId: string
      }
    | undefined
}

export interface Schedule {
  readonly logicalId: string
  /** The schedule's own name, else the first word of its description, else the logical id. */
  readonly name: string
  readonly enabled: boolean
  /** `rate(…)`, `cron(…)` or `at(…)`. */
  readonly expression: string
  readonly timezone: string
  readonly target:
    | {
        readonly kind: 'function'
        readonly functionName: string
        readonly functionLogicalId: string
      }
    | { readonly kind: 'queue'; readonly queueName: string; readonly queueLogicalId: string }
  readonly input: TemplateValue | undefined
}
