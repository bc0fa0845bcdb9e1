import * as z from 'zod'
import { cleanLine } from '../text.ts'

export const locationContent = z
  .strictObject({
    type: z.literal('location'),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    name: cleanLine(1000).optional(),
    address: cleanLine(1000).optional(),
  })
  .meta({ id: 'LocationContent' })
