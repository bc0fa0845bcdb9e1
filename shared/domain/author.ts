import type { Mailbox } from './email-address.ts'
import type { MailReceipt } from './email-notice.ts'

/** One of the names by which an item says who wrote it, or whom it is about. */
export interface Author {
  readonly kind: 'phone' | 'user-id' | 'parent-user-id' | 'email' | 'external-id'
  /** A phone in digits, with or without `+`. */
  readonly value: string
}

/** Who may have written a mail: whom it names, and whom its envelope names. */
export function authorsOfMail(
  { returnPath }: MailReceipt,
  from: Mailbox | undefined,
): readonly Author[] {
  const addresses = [from?.address, returnPath].filter((address) => address !== undefined)
  return [...new Set(addresses)].map((value) => ({ kind: 'email', value }))
}
