import * as z from 'zod'
import { cleanText } from '../text.ts'

/** Meta: body ≤ 4,096 characters. */
export const textContent = z
  .strictObject({
    type: z.literal('text'),
    text: cleanText(4096),
    previewUrl: z.boolean().optional(),
  })
  .meta({ id: 'TextContent', examples: [{ type: 'text', text: 'Olá, Ana!' }] })
