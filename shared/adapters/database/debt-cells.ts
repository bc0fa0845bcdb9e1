import type { Debt, DebtMovement, Debtor, DunningRules } from '../../ports/dunning-store.ts'
import type { TenantSealer } from '../../ports/sealer.ts'
import { fromBase64, openIdentity } from './sealed-cells.ts'

/** `dunning_debt_v1`, sealed cells in base64. */
interface DebtJson
  extends Omit<Debt, 'movement' | 'person' | 'siblings' | 'failed' | 'paymentLink'> {
  readonly movement?: Pick<DebtMovement, 'status' | 'createdAt'>
  readonly personId?: string
  readonly details?: string
  readonly token?: string
  readonly bill?: {
    readonly amountCents: number
    readonly details?: string
    readonly token: string
  }
  readonly person?: {
    readonly name?: string
    readonly token: string
    readonly state?: string
    readonly timeZone?: string
    readonly phone?: { readonly value: string; readonly token: string }
  }
  readonly siblings?: readonly (readonly [number, number, string, number])[]
  readonly failed?: NonNullable<Debt['failed']>
}

/** A debt must never throw: its neighbours are looked at too. What does not open is not said. */
export function openDebt(sealer: TenantSealer, json: string): Debt {
  const { movement, personId, details, token, bill, person, siblings, failed, ...clear } =
    JSON.parse(json) as DebtJson
  return {
    ...clear,
    ...openDetails(sealer, { table: 'installments', sealed: details, token }),
    movement: movement && {
      ...movement,
      amountCents: bill?.amountCents ?? 0,
      ...openDetails(sealer, { table: 'movements', sealed: bill?.details, token: bill?.token }),
    },
    person: personId === undefined ? undefined : openDebtor(sealer, personId, person),
    siblings: (siblings ?? []).map(([number, total, dueOn, balanceCents]) => ({
      ...{ number, total, dueOn, balanceCents },
    })),
    failed,
  }
}

function openDebtor(sealer: TenantSealer, personId: string, person: DebtJson['person']): Debtor {
  const name = person?.name
  const phone = person?.phone
  return {
    personId,
    name:
      name &&
      opened(() =>
        sealer.open(
          { table: 'persons', column: 'name', rowToken: person?.token ?? '' },
          fromBase64(name),
        ),
      ),
    state: person?.state,
    timeZone: person?.timeZone,
    phone: phone && opened(() => openIdentity(sealer, fromBase64(phone.value), phone.token)),
  }
}

interface DetailsJson {
  readonly paymentLink?: string
  readonly pixCode?: string
  readonly boletoLine?: string
  readonly documentMediaId?: string
  readonly description?: string
  readonly companyName?: string
  readonly nfseLink?: string
}

function openDetails(
  sealer: TenantSealer,
  cell: {
    readonly table: string
    readonly sealed: string | undefined
    readonly token: string | undefined
  },
): DetailsJson {
  const { table, sealed, token } = cell
  if (sealed === undefined || token === undefined) return {}
  const text = opened(() =>
    sealer.open({ table, column: 'details', rowToken: token }, fromBase64(sealed)),
  )
  return text === undefined ? {} : (JSON.parse(text) as DetailsJson)
}

function opened(open: () => string): string | undefined {
  try {
    return open()
  } catch {
    return undefined
  }
}

/** `dunning_rules_v1`. */
export function readRules(json: string): DunningRules {
  const { company, ...rules } = JSON.parse(json) as DunningRules & {
    readonly company: { readonly state: string | null; readonly city: string | null }
  }
  return {
    ...rules,
    company: { ...company, state: company.state ?? undefined, city: company.city ?? undefined },
  }
}
