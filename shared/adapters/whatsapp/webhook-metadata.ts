import type * as z from 'zod'
import type { inboundMessage } from '#shared/contracts/whatsapp-webhook.ts'
import type { MessageMetadata } from '#shared/domain/message-metadata.ts'
import { defined, safeJson } from './well-formed.ts'

type Message = z.output<typeof inboundMessage>

/** The database answers it beside the content, in one row of 64 KB. */
const mostLength = 1000

/** What came along with a message; undefined when nothing did. */
export function readMetadata({ context, referral }: Message): MessageMetadata | undefined {
  const product = context?.referred_product
  const metadata = defined({
    forwarded: context?.forwarded,
    frequentlyForwarded: context?.frequently_forwarded,
    referral: referral && readReferral(referral),
    referredProduct:
      product &&
      defined({
        catalogId: short(product.catalog_id),
        productRetailerId: short(product.product_retailer_id),
      }),
  })
  const isEmpty = Object.keys(metadata).length === 0
  return isEmpty ? undefined : (safeJson(metadata) as MessageMetadata)
}

function readReferral(referral: NonNullable<Message['referral']>) {
  return defined({
    sourceUrl: short(referral.source_url),
    sourceId: short(referral.source_id),
    sourceType: short(referral.source_type),
    headline: short(referral.headline),
    body: short(referral.body),
    mediaType: short(referral.media_type),
    imageUrl: short(referral.image_url),
    videoUrl: short(referral.video_url),
    thumbnailUrl: short(referral.thumbnail_url),
    clickId: short(referral.ctwa_clid),
    welcomeText: short(referral.welcome_message?.text),
  })
}

function short(text: string | undefined): string | undefined {
  return text?.slice(0, mostLength)
}
