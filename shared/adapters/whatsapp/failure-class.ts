import type { FailureClass } from '#shared/domain/failure-reason.ts'
import type { MessageStatus } from '#shared/domain/message.ts'
import { readError } from './error-table.ts'

/** What a failed message's code asks for; a failure without one is a decision of ours. */
export function failureClassOf(
  status: MessageStatus,
  code: number | undefined,
): FailureClass | undefined {
  if (status !== 'FAILED') return undefined
  return code === undefined ? 'permanent' : readError(code, undefined, undefined).class
}
