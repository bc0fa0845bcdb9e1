import { cleanLine } from '../text.ts'

/** An http or https address as a person can open it. */
export const webAddress = cleanLine(2000).refine(
  (address) => /^https?:\/\/\S+$/i.test(address) && URL.canParse(address),
  { error: 'must be an http or https address' },
)
