import * as z from 'zod'

/** One emoji as people see one; some keyboards leave out the variation selector. */
const oneEmoji = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic})$/v

/** An empty emoji takes the reaction back. */
export const reactionContent = z
  .strictObject({
    type: z.literal('reaction'),
    emoji: z.string().refine((emoji) => emoji === '' || oneEmoji.test(emoji), {
      error: 'must be one emoji, or empty',
    }),
  })
  .meta({
    id: 'ReactionContent',
    description: 'Put on the message of `replyToMessageId`; an empty emoji takes it back.',
  })
