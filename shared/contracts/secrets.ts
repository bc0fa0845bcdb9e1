import * as z from 'zod'

/** The deployment's secret for Meta: several of each may live at once, for rotation. Empty lists refuse all. */
export const metaSecret = z.looseObject({
  appSecrets: z.array(z.string().min(1)),
  verifyTokens: z.array(z.string().min(1)),
})

/** The secret of a WhatsApp sender. */
export const senderSecret = z.looseObject({ accessToken: z.string().min(1) })

/** As RDS writes the secret of a role. */
export const roleSecret = z.looseObject({
  username: z.string().min(1),
  password: z.string().min(1),
})
