import type * as z from 'zod'
import type { contactsBody } from '#shared/contracts/whatsapp-contents.ts'
import type { ContactCard } from '#shared/domain/content.ts'
import { defined } from './well-formed.ts'

type Cards = z.output<typeof contactsBody>

/** Business cards in our words; what we do not know of them is left out. */
export function readCards(cards: Cards): readonly ContactCard[] {
  return cards.map((card) =>
    defined({
      name: nameOf(card.name),
      phones: card.phones?.map(({ phone, type, wa_id: waId }) => defined({ phone, type, waId })),
      emails: card.emails?.map(({ email, type }) => defined({ email, type })),
      urls: card.urls?.map(({ url, type }) => defined({ url, type })),
      addresses: card.addresses?.map(addressOf),
      org: card.org && orgOf(card.org),
      birthday: card.birthday,
    }),
  )
}

function nameOf(name: Cards[number]['name']): ContactCard['name'] {
  return defined({
    formattedName: name.formatted_name,
    firstName: name.first_name,
    lastName: name.last_name,
    middleName: name.middle_name,
    prefix: name.prefix,
    suffix: name.suffix,
  })
}

function addressOf(address: NonNullable<Cards[number]['addresses']>[number]) {
  const { street, city, state, zip, country, country_code: countryCode, type } = address
  return defined({ street, city, state, zip, country, countryCode, type })
}

function orgOf({ company, department, title }: NonNullable<Cards[number]['org']>) {
  return defined({ company, department, title })
}
