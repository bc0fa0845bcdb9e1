import type {
  BusinessEvent,
  InstallmentDetails,
  MovementDetails,
} from '../../domain/business-event.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { TenantSealer } from '../../ports/sealer.ts'
import { sealContacts, sealExternalId, sealName } from './person-cells.ts'
import { base64, fromBase64 } from './sealed-cells.ts'

/** What an event tells, as `apply_business_events_v1` takes it. */
export function toldInput(sealer: TenantSealer, randomness: Randomness, event: BusinessEvent) {
  const rowToken = randomness.uuid()
  if ('installment' in event) {
    const { paymentLink, pixCode, boletoLine, documentMediaId, ...clear } = event.installment
    const details = { paymentLink, pixCode, boletoLine, documentMediaId }
    return {
      thingId: clear.installmentId,
      installment: {
        ...clear,
        documentMediaId,
        details: sealInstallment(sealer, details, rowToken),
        rowToken,
      },
    }
  }
  const { description, companyName, nfseLink, person, ...clear } = event.movement
  const nameToken = randomness.uuid()
  const details = { description, companyName, nfseLink }
  return {
    thingId: clear.movementId,
    movement: {
      ...clear,
      details: base64(sealer.seal(movementCell(rowToken), JSON.stringify(details))),
      rowToken,
      person: {
        externalId: sealExternalId(sealer, person.externalId),
        name: person.name && sealName(sealer, person.name, nameToken),
        nameToken,
        contacts: sealContacts(sealer, randomness, person.contacts),
      },
    },
  }
}

/** Sealed details in base64. */
interface SealedDetails {
  readonly details: string | null
  readonly rowToken: string
}

export function openMovement(
  sealer: TenantSealer,
  { details, rowToken }: SealedDetails,
): MovementDetails {
  if (details === null) return { description: '' }
  return JSON.parse(sealer.open(movementCell(rowToken), fromBase64(details))) as MovementDetails
}

export function openInstallment(
  sealer: TenantSealer,
  { details, rowToken }: SealedDetails,
): InstallmentDetails {
  if (details === null) return {}
  const opened = sealer.open(installmentCell(rowToken), fromBase64(details))
  return JSON.parse(opened) as InstallmentDetails
}

function sealInstallment(
  sealer: TenantSealer,
  details: InstallmentDetails,
  rowToken: string,
): string | undefined {
  const isEmpty = Object.values(details).every((value) => value === undefined)
  if (isEmpty) return undefined
  return base64(sealer.seal(installmentCell(rowToken), JSON.stringify(details)))
}

function movementCell(rowToken: string) {
  return { table: 'movements', column: 'details', rowToken }
}

function installmentCell(rowToken: string) {
  return { table: 'installments', column: 'details', rowToken }
}
