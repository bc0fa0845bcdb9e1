import * as z from 'zod'
import { cleanName, cleanText } from '../text.ts'

/** A file by its id with us, in the one form in which it is stored. */
export const mediaId = z
  .uuid()
  .toLowerCase()
  .meta({ description: 'From `POST /media`, or of a received file.' })

/** The provider takes 240 characters; paths belong to the machine the file came from. */
export const filename = cleanName(240).refine((name) => !/[\\/]/.test(name), {
  error: 'must be a name, not a path',
})

/** Meta: caption ≤ 1,024 characters; none on audio and stickers. */
const caption = cleanText(1024).optional()

export const imageContent = z
  .strictObject({ type: z.literal('image'), mediaId, caption })
  .meta({ id: 'ImageContent' })
export const videoContent = z
  .strictObject({ type: z.literal('video'), mediaId, caption })
  .meta({ id: 'VideoContent' })
export const stickerContent = z
  .strictObject({ type: z.literal('sticker'), mediaId })
  .meta({ id: 'StickerContent' })

export const documentContent = z
  .strictObject({
    type: z.literal('document'),
    mediaId,
    caption,
    filename: filename.optional(),
  })
  .meta({ id: 'DocumentContent' })

export const audioContent = z
  .strictObject({
    type: z.literal('audio'),
    mediaId,
    voice: z.boolean().optional(),
  })
  .meta({ id: 'AudioContent' })
