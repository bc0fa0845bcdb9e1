import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { Clock } from '../../ports/clock.ts'
import type { Directory, Tenant } from '../../ports/directory.ts'
import type { Cell, Sealer, TenantSealer } from '../../ports/sealer.ts'
import type { TenantKeys } from '../../ports/tenant-keys.ts'
import { epochOf, openCell, sealCell } from './cell-cipher.ts'

const keptMs = 5 * 60_000
const mostTenants = 200

/**
 * AES-256-GCM under the tenant's newest data key whose time has come; all epochs are readable. The keys of a
 * tenant are unwrapped once per warm function and kept for 5 minutes, for 200 tenants at most.
 */
export function makeSealer(directory: Directory, keys: TenantKeys, clock: Clock): Sealer {
  const kept = new Map<
    string,
    { readonly madeAt: number; readonly sealer: Promise<TenantSealer> }
  >()

  return {
    forTenant: (tenantId) => {
      const known = kept.get(tenantId)
      if (known !== undefined && clock.now() - known.madeAt < keptMs) return known.sealer
      const sealer = makeTenantSealer({ directory, keys, clock }, tenantId)
      sealer.catch(() => kept.delete(tenantId))
      kept.delete(tenantId)
      kept.set(tenantId, { madeAt: clock.now(), sealer })
      const [oldest] = kept.keys()
      if (kept.size > mostTenants && oldest !== undefined) kept.delete(oldest)
      return sealer
    },
  }
}

interface SealerParts {
  readonly directory: Directory
  readonly keys: TenantKeys
  readonly clock: Clock
}

async function makeTenantSealer(
  { directory, keys, clock }: SealerParts,
  tenantId: string,
): Promise<TenantSealer> {
  const tenant = await directory.tenant(tenantId)
  if (tenant === undefined) throw new Error(`tenant ${tenantId} has no keys`)
  const [dataKeys, indexKey] = await Promise.all([
    unwrapAll(keys, tenant),
    keys.unwrap(tenantId, 'index', tenant.wrappedIndexKey).then(toKey),
  ])
  // A tenant's first key serves before its time too: clocks differ.
  const current = () =>
    (
      tenant.dataKeys.find(({ sealsFrom = 0 }) => sealsFrom <= clock.now()) ??
      tenant.dataKeys.at(-1)
    )?.epoch
  const place = (cell: Cell) => `v1|${tenantId}|${cell.table}|${cell.column}|${cell.rowToken}`
  const keyOf = (epoch: number | undefined): KeyObject => {
    const key = epoch === undefined ? undefined : dataKeys.get(epoch)
    if (key === undefined) throw new Error(`tenant ${tenantId} has no data key of that epoch`)
    return key
  }
  return {
    seal: (cell, plaintext) => {
      const epoch = current()
      return sealCell({
        key: keyOf(epoch),
        epoch: epoch ?? 0,
        additional: place(cell),
        plaintext,
      })
    },
    open: (cell, sealed) =>
      openCell({ key: keyOf(epochOf(sealed)), additional: place(cell), sealed }),
    hash: (purpose, value) =>
      createHmac('sha256', indexKey).update(`${purpose}\n${value}`, 'utf8').digest(),
  }
}

async function unwrapAll(
  keys: TenantKeys,
  tenant: Tenant,
): Promise<ReadonlyMap<number, KeyObject>> {
  const opened = await Promise.all(
    tenant.dataKeys.map(
      async ({ epoch, wrapped }) =>
        [epoch, toKey(await keys.unwrap(tenant.tenantId, `data:${epoch}`, wrapped))] as const,
    ),
  )
  return new Map(opened)
}

function toKey(bytes: Uint8Array): KeyObject {
  return createSecretKey(bytes)
}
