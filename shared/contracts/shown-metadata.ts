import * as z from 'zod'

const text = z.string().optional()

/** What the provider charges for a message, in its own words. */
export const shownPricing = z
  .object({ category: text, type: text, model: text, billable: z.boolean().optional() })
  .meta({
    id: 'Pricing',
    examples: [{ category: 'utility', type: 'regular', model: 'PMP', billable: true }],
  })

/** What came along with a message that a person sent. */
export const shownMetadata = z
  .object({
    forwarded: z.boolean().optional(),
    frequentlyForwarded: z.boolean().optional(),
    referral: z
      .object({
        sourceUrl: text,
        sourceId: text,
        sourceType: text,
        headline: text,
        body: text,
        mediaType: text,
        imageUrl: text,
        videoUrl: text,
        thumbnailUrl: text,
        clickId: text,
        welcomeText: text,
      })
      .optional()
      .meta({ description: 'The advertisement or post that led the person to write.' }),
    referredProduct: z.object({ catalogId: text, productRetailerId: text }).optional(),
  })
  .meta({ id: 'MessageMetadata', examples: [{ forwarded: true }] })
