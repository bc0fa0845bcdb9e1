import type * as z from 'zod'
import { type sesMail, sesReceipt } from '#shared/contracts/ses-notification.ts'
import type { EmailNotice, MailVerdicts } from '#shared/domain/email-notice.ts'
import { addressedIn, addressesIn, addressIn } from './notice-parts.ts'

type Receipt = z.output<typeof sesReceipt>

/** SES puts it where it will put mails, to try whether it may. */
const setupObject = 'AMAZON_SES_SETUP_NOTIFICATION'

/** A mail that lies in S3; undefined when the notice lacks what it must have. */
export function readReceived(
  mail: z.output<typeof sesMail>,
  receipt: unknown,
): readonly EmailNotice[] | undefined {
  const read = sesReceipt.safeParse(receipt).data
  const occurredAt = read?.timestamp ?? mail.timestamp
  if (read === undefined || occurredAt === undefined) return undefined
  const { action } = read
  if (action?.type !== 'S3') return [{ kind: 'ignored', reason: 'no-object' }]
  if (mail.messageId === setupObject || action.objectKey.endsWith(setupObject)) {
    return [{ kind: 'ignored', reason: 'setup-object' }]
  }
  const named = addressesIn(read.recipients)
  const returnPath = addressIn(mail.source)
  return [
    {
      kind: 'received',
      receipt: {
        sesMessageId: mail.messageId,
        ...(returnPath !== undefined && { returnPath }),
        recipients: named.length > 0 ? named : addressedIn(mail),
        verdicts: verdictsOf(read),
        occurredAt,
      },
      bucket: action.bucketName,
      objectKey: action.objectKey,
    },
  ]
}

function verdictsOf(receipt: Receipt): MailVerdicts {
  const { dmarcPolicy } = receipt
  return {
    spam: receipt.spamVerdict?.status ?? 'UNKNOWN',
    virus: receipt.virusVerdict?.status ?? 'UNKNOWN',
    spf: receipt.spfVerdict?.status ?? 'UNKNOWN',
    dkim: receipt.dkimVerdict?.status ?? 'UNKNOWN',
    dmarc: receipt.dmarcVerdict?.status ?? 'UNKNOWN',
    ...(dmarcPolicy !== undefined && { dmarcPolicy }),
  }
}
