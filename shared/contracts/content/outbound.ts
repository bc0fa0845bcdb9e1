import * as z from 'zod'
import { contactsContent } from './contacts.ts'
import { interactiveContent } from './interactive.ts'
import { locationContent } from './location.ts'
import {
  audioContent,
  documentContent,
  imageContent,
  stickerContent,
  videoContent,
} from './media.ts'
import { namedTemplateContent } from './named-template.ts'
import { reactionContent } from './reaction.ts'
import { templateContent } from './template.ts'
import { textContent } from './text.ts'

/** A content travels in one row of 64 KB, sealed and in base64. */
const mostContentBytes = 40_000

/** What a client can send, by `type`; interactive ones also by `kind`. */
export const outboundContent = z
  .discriminatedUnion('type', [
    textContent,
    templateContent,
    namedTemplateContent,
    imageContent,
    videoContent,
    documentContent,
    audioContent,
    stickerContent,
    locationContent,
    contactsContent,
    reactionContent,
    interactiveContent,
  ])
  .refine(
    (content) => new TextEncoder().encode(JSON.stringify(content)).length <= mostContentBytes,
    { error: 'must be 40,000 bytes or less as JSON' },
  )
  .meta({ description: 'At most 40,000 bytes as JSON.' })
