import * as z from 'zod'
import { cleanLine, cleanText } from '../text.ts'
import { filename, mediaId } from './media.ts'

/** SES takes 10 MB in all; what stands in the database travels in rows of 64 KB. */
const mostTextLength = 20_000
const mostHtmlLength = 30_000

/** A mail: plain text always, HTML for programs that show it, files by their ids with us. */
export const emailContent = z
  .strictObject({
    type: z.literal('email'),
    /** RFC 5322 §2.1.1: a header line of 998 characters, less its name and encoding. */
    subject: cleanLine(250),
    text: cleanText(mostTextLength),
    html: cleanText(mostHtmlLength).optional(),
    attachments: z
      .array(z.strictObject({ mediaId, filename: filename.optional() }))
      .min(1)
      .max(10)
      .optional(),
    /** `marketing` carries a way to unsubscribe with one click. */
    category: z.enum(['transactional', 'marketing']).optional(),
  })
  .meta({ id: 'EmailContent', description: 'A mail.' })
