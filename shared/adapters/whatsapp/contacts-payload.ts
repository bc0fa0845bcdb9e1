import type { ContactCard } from '#shared/domain/content.ts'
import type { Json } from './json.ts'

/** Meta's `contacts`: its names in snake case, nothing that was not given. */
export function contactPayload(card: ContactCard): Json {
  const { name, phones, addresses, ...sameNames } = card
  return {
    name: given({
      formatted_name: name.formattedName,
      first_name: name.firstName,
      last_name: name.lastName,
      middle_name: name.middleName,
      prefix: name.prefix,
      suffix: name.suffix,
    }),
    ...(phones !== undefined && {
      phones: phones.map(({ waId, ...phone }) => given({ ...phone, wa_id: waId })),
    }),
    ...(addresses !== undefined && {
      addresses: addresses.map(({ countryCode, ...address }) =>
        given({ ...address, country_code: countryCode }),
      ),
    }),
    ...sameNames,
  }
}

function given(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
