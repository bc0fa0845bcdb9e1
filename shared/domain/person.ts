import type { Channel } from './channel.ts'

export interface Contact {
  readonly channel: Channel
  /** E.164, e-mail address, or a WhatsApp user id where the person shows no phone. */
  readonly address: string
}

export interface PersonContact extends Contact {
  readonly contactId: string
}

/** The states of Brazil and its federal district. */
export const brazilianStates = [
  ...['AC', 'AL', 'AM', 'AP', 'BA', 'CE', 'DF', 'ES', 'GO', 'MA', 'MG', 'MS', 'MT', 'PA'],
  ...['PB', 'PE', 'PI', 'PR', 'RJ', 'RN', 'RO', 'RR', 'RS', 'SC', 'SE', 'SP', 'TO'],
] as const

/** ALL: nothing but answers while the person writes. MARKETING: no templates of that category. */
export const optOutCategories = ['ALL', 'MARKETING'] as const
export type OptOutCategory = (typeof optOutCategories)[number]

/** A word against being written to; it stands while `restoredAt` is undefined. */
interface OptOut {
  readonly contactId: string
  readonly channel: Channel
  readonly category: OptOutCategory
  /** Who said so: keyword, preference, provider-refusal, client. */
  readonly source: string
  readonly optedOutAt: string
  readonly restoredAt: string | undefined
}

/** Whom a business writes to. One who wrote first has no external id until they are linked. */
export interface Person {
  readonly personId: string
  readonly externalId: string | undefined
  readonly name: string | undefined
  /** Where they are, when it is known better than by the area code of a phone. */
  readonly timeZone: string | undefined
  readonly state: string | undefined
  /** The ones in use. */
  readonly contacts: readonly PersonContact[]
  readonly optOuts: readonly OptOut[]
  readonly activeChatId: string | undefined
  /** The person whom this one turned out to be. */
  readonly mergedIntoPersonId: string | undefined
}
