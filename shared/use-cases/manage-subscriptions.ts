import type { Caller, RequestKey } from '../domain/caller.ts'
import { Refusal } from '../domain/errors.ts'
import type { EventType } from '../domain/tenant-event.ts'
import type { Page, PageRequest } from '../ports/chat-store.ts'
import type { EventWebhooks } from '../ports/event-deliveries.ts'
import type {
  ChangeSubscription,
  DeliveryAttempt,
  ReplayEvents,
  Replayed,
  Subscription,
  SubscriptionAnswer,
  SubscriptionStore,
  SubscriptionWithSecret,
} from '../ports/subscriptions.ts'
import type { TaskQueue } from '../ports/task-queue.ts'

export interface SubscriptionsParts {
  readonly subscriptions: SubscriptionStore
  readonly webhooks: Pick<EventWebhooks, 'mayCall' | 'newSecret'>
  readonly queue: TaskQueue
}

/** Who is called when something happens. Throws Refusal `subscription-not-found` and what is named. */
export function makeManageSubscriptions({ subscriptions, webhooks, queue }: SubscriptionsParts) {
  async function checked(url: string | undefined): Promise<void> {
    if (url !== undefined && !(await webhooks.mayCall(url))) throw new Refusal('address-refused')
  }
  return {
    list: (caller: Caller): Promise<readonly Subscription[]> => subscriptions.list(caller),
    get: async (caller: Caller, subscriptionId: string): Promise<Subscription> =>
      found(await subscriptions.get(caller, subscriptionId)),
    /** Throws Refusal `address-refused`, `subscriptions-limit`. */
    create: async (
      command: Caller & {
        readonly request: RequestKey
        readonly url: string
        readonly types: readonly EventType[]
      },
    ): Promise<SubscriptionWithSecret> => {
      await checked(command.url)
      const secret = webhooks.newSecret()
      return doneOf(await subscriptions.create({ ...command, secret }))
    },
    /** Throws Refusal `address-refused`. */
    change: async (command: ChangeSubscription): Promise<Subscription> => {
      await checked(command.url)
      return doneOf(await subscriptions.change(command))
    },
    remove: async (caller: Caller, subscriptionId: string): Promise<void> => {
      const isGone = await subscriptions.remove(caller, subscriptionId)
      if (!isGone) throw new Refusal('subscription-not-found')
    },
    rotateSecret: async (
      command: Caller & { readonly request: RequestKey; readonly subscriptionId: string },
    ): Promise<SubscriptionWithSecret> =>
      doneOf(await subscriptions.rotateSecret({ ...command, secret: webhooks.newSecret() })),
    /** Throws Refusal `subscription-paused`, `event-not-found`. */
    replay: async (command: ReplayEvents): Promise<Omit<Replayed, 'wakes'>> => {
      const { wakes, ...replayed } = doneOf(await subscriptions.replay(command))
      await queue.wake(wakes)
      return replayed
    },
    attempts: async (
      caller: Caller,
      subscriptionId: string,
      page: PageRequest,
    ): Promise<Page<DeliveryAttempt>> =>
      found(await subscriptions.attempts(caller, subscriptionId, page)),
  }
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Refusal('subscription-not-found')
  return value
}

function doneOf<T>(answer: SubscriptionAnswer<T>): T {
  if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
  return answer.value
}
