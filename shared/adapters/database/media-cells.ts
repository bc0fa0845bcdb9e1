import type { TenantSealer } from '../../ports/sealer.ts'

type SealedColumn = 'filename' | 'provider_media_id'

/** Cells of the table `media`, sealed under the row's token. */
export function sealMediaCell(
  sealer: TenantSealer,
  { column, rowToken }: { column: SealedColumn; rowToken: string },
  value: string,
): Uint8Array {
  return sealer.seal({ table: 'media', column, rowToken }, value)
}

export function openMediaCell(
  sealer: TenantSealer,
  { column, rowToken }: { column: SealedColumn; rowToken: string },
  sealed: Uint8Array,
): string {
  return sealer.open({ table: 'media', column, rowToken }, sealed)
}
