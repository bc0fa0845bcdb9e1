import type * as z from 'zod'
import { reportedError } from '#shared/contracts/whatsapp-webhook.ts'
import type { StatusEvent } from '#shared/domain/channel-event.ts'
import { safeText } from '#shared/domain/clean-text.ts'
import { readError } from './error-table.ts'

/** The first readable error of a list; Meta sends one. */
export function firstError(errors: unknown): z.output<typeof reportedError> | undefined {
  if (!Array.isArray(errors)) return undefined
  return errors
    .values()
    .map((each) => reportedError.safeParse(each).data)
    .find((each) => each !== undefined)
}

export function failureOf(errors: unknown): StatusEvent['failure'] {
  const error = firstError(errors)
  if (error === undefined) return undefined
  const detail = error.error_data?.details
  return {
    code: error.code,
    reason: readError(error.code, undefined, undefined).reason,
    ...(error.title !== undefined && { title: safeText(error.title) }),
    ...(detail !== undefined && { detail: safeText(detail) }),
  }
}
