import { SQSClient } from '@aws-sdk/client-sqs'
import { makeSqsEventSignal } from '#shared/adapters/queue/sqs-event-signal.ts'
import type { Directory } from '#shared/ports/directory.ts'
import { describeError, log } from '#shared/runtime/log.ts'
import { systemClock } from '#shared/runtime/system.ts'

/** Hints that something happened to a tenant, after the commit. */
export function wireEventSignal(
  env: { readonly EVENT_FANOUT_QUEUE_URL: string; readonly EVENT_BUS_NAME: string },
  directory: Pick<Directory, 'tenant'>,
) {
  return makeSqsEventSignal({
    client: new SQSClient({}),
    queueUrl: env.EVENT_FANOUT_QUEUE_URL,
    directory,
    clock: systemClock,
    hasBus: env.EVENT_BUS_NAME !== '',
    onFailure: (error) => log.warn('hint lost, the sweep will see', describeError(error)),
  })
}

interface OfTenant {
  readonly tenantId: string
}

/** Whom a request, or a batch of tasks, was about. */
export const tenantOf = ({ tenantId }: OfTenant) => [tenantId]
export const tenantsOf = (tasks: readonly OfTenant[]) => tasks.map(({ tenantId }) => tenantId)
