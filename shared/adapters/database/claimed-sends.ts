import type { EmailContent } from '../../domain/content.ts'
import type { TemplateSource } from '../../domain/message-template.ts'
import { otherSpelling } from '../../domain/phone.ts'
import type { MailSender } from '../../ports/message-provider.ts'
import type {
  ClaimedDebt,
  ClaimedSend,
  EndedSend,
  HeldSend,
  MessageStore,
  SendMedia,
  SendRoute,
} from '../../ports/message-store.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import type { Row } from './data-api.ts'
import { bytes, flag, number, optionalBytes, optionalText, text } from './row-values.ts'
import { fromBase64, openContent, openIdentity } from './sealed-cells.ts'
import { toWake } from './task-store.ts'
import { unsubscribeToken } from './unsubscribe-token.ts'

/** The rows of `claim_sends_v5`. */
export async function readClaim(
  sealers: Sealer,
  rows: readonly Row[],
): ReturnType<MessageStore['claim']> {
  const waiting = rows.filter((row) => row.attempt_id === null)
  const claimed = rows.filter((row) => row.attempt_id !== null)
  return {
    sends: await Promise.all(claimed.map((row) => claimedSend(sealers, row))),
    wakes: waiting
      .filter((row) => row.wake_in_seconds !== null)
      .map((row) => toWake({ ...row, type: 'MESSAGE_SEND' })),
    held: waiting.filter((row) => row.held_reason !== null).map(reasonedBy('held_reason')),
    ended: waiting.filter((row) => row.ended_reason !== null).map(reasonedBy('ended_reason')),
  }
}

function reasonedBy(column: string) {
  return (row: Row): HeldSend & EndedSend => ({
    tenantId: text(row, 'tenant_id'),
    taskId: text(row, 'task_id'),
    reason: text(row, column),
  })
}

async function claimedSend(sealers: Sealer, row: Row): Promise<ClaimedSend> {
  const tenantId = text(row, 'tenant_id')
  const sealer = await sealers.forTenant(tenantId)
  const { content, address, media } = openSend(sealer, row)
  return {
    tenantId,
    taskId: text(row, 'task_id'),
    attemptId: text(row, 'attempt_id'),
    fence: text(row, 'fence'),
    attempts: number(row, 'attempts'),
    messageId: text(row, 'message_id'),
    chatId: text(row, 'chat_id'),
    content,
    template: templateIn(row),
    ...routeOf(sealer, row, address),
    replyTo: optionalText(row, 'reply_to'),
    media,
    ...debtOf(row),
  }
}

/** What `put_template_v1` took: nothing else comes there. */
function templateIn(row: Row): TemplateSource | undefined {
  const source = optionalText(row, 'template')
  return source === undefined ? undefined : (JSON.parse(source) as TemplateSource)
}

function debtOf(row: Row): Pick<ClaimedSend, 'debt'> {
  const debt = optionalText(row, 'installment')
  return debt === undefined ? {} : { debt: JSON.parse(debt) as ClaimedDebt }
}

/** `claimed_sends_v3.mail`. */
interface MailJson {
  readonly from: string
  readonly fromName?: string
  readonly replyDomain?: string
  readonly configurationSet?: string
  readonly unsubscribeUrl?: string
  readonly contactId: string
  readonly automatic?: boolean
  readonly category?: NonNullable<EmailContent['category']>
  readonly thread: MailSender['thread']
}

function routeOf(sealer: TenantSealer, row: Row, address: string): SendRoute {
  const mail = optionalText(row, 'mail')
  if (mail === undefined) {
    return {
      channel: 'WHATSAPP',
      recipient: row.recipient_kind === 'phone' ? { phone: address } : { userId: address },
      sender: {
        phoneNumberId: text(row, 'phone_number_id'),
        secretName: text(row, 'secret_name'),
      },
    }
  }
  const { from, fromName, contactId, category, unsubscribeUrl, ...sender } = JSON.parse(
    mail,
  ) as MailJson
  const token = unsubscribeToken(sealer, { tenantId: text(row, 'tenant_id'), contactId })
  return {
    channel: 'EMAIL',
    category,
    recipient: { email: address },
    sender: {
      ...sender,
      from: { address: from, ...(fromName && { name: fromName }) },
      ...(unsubscribeUrl && { unsubscribeUrl: `${unsubscribeUrl}/${token}` }),
    },
  }
}

type Opened = Pick<ClaimedSend, 'content' | 'media'> & { readonly address: string }

/** A claimed row must never throw: its neighbours are claimed too. What does not open is gone. */
function openSend(sealer: TenantSealer, row: Row): Opened {
  const sealed = optionalBytes(row, 'content')
  try {
    const known = openIdentity(sealer, bytes(row, 'recipient'), text(row, 'recipient_token'))
    return {
      content: sealed && openContent(sealer, sealed, text(row, 'row_token')),
      address: (flag(row, 'is_variant') ? otherSpelling(known) : undefined) ?? known,
      media: openMedia(sealer, optionalText(row, 'media')),
    }
  } catch {
    return { content: undefined, address: '', media: [] }
  }
}

/** `claimed_sends_v1.media`, sealed cells in base64. */
interface MediaJson {
  readonly mediaId: string
  readonly objectKey: string
  readonly mimeType: string
  readonly sizeBytes: number
  readonly filename?: string
  readonly rowToken: string
  readonly upload?: { readonly value: string; readonly rowToken: string }
}

function openMedia(sealer: TenantSealer, json: string | undefined): readonly SendMedia[] {
  const rows = json === undefined ? [] : (JSON.parse(json) as readonly MediaJson[])
  return rows.map(({ filename, upload, rowToken, ...media }) => ({
    ...media,
    filename:
      filename &&
      sealer.open({ table: 'media', column: 'filename', rowToken }, fromBase64(filename)),
    providerMediaId: upload && sealer.open(uploadCell(upload.rowToken), fromBase64(upload.value)),
  }))
}

/** Where the provider's name for an uploaded file stands. */
export function uploadCell(rowToken: string) {
  return { table: 'media_uploads', column: 'provider_media_id', rowToken }
}
