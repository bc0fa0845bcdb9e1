/** What the person with a phone is called: by nobody else, so that it can be told from all words. */
export const nameOf = (phone: string) => `Testemunha ${phone.slice('+55'.length)}`

export const externalIdOf = (phone: string) => `person ${phone}`
