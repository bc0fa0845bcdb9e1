import { ItemRefused } from '../ports/event-store.ts'

const mostItems = 1000
/** Of parameters; a sealed item is about half again as large as its JSON. */
const mostBytes = 1_300_000

/** Items as one database call can take them, in their order. */
export function batchesOf<T extends { readonly raw: unknown }>(
  items: readonly T[],
): readonly (readonly T[])[] {
  const batches: T[][] = []
  let bytes = 0
  for (const item of items) {
    const size = new TextEncoder().encode(JSON.stringify(item.raw) ?? '').length
    const batch = batches.at(-1)
    if (batch === undefined || batch.length === mostItems || bytes + size > mostBytes) {
      batches.push([item])
      bytes = size
    } else {
      batch.push(item)
      bytes += size
    }
  }
  return batches
}

/**
 * Applies a batch; when the store refuses an item of it, the batch is halved until that item stands
 * alone. The others are applied.
 */
export async function applyOrHalve<T, A>(
  batch: readonly T[],
  work: {
    readonly apply: (batch: readonly T[]) => Promise<A>
    readonly refused: (only: T, error: ItemRefused) => Promise<A>
    readonly add: (one: A, other: A) => A
  },
): Promise<A> {
  try {
    return await work.apply(batch)
  } catch (error) {
    if (!(error instanceof ItemRefused)) throw error
    const [only, ...others] = batch
    if (only !== undefined && others.length === 0) return work.refused(only, error)
    const middle = Math.ceil(batch.length / 2)
    const first = await applyOrHalve(batch.slice(0, middle), work)
    return work.add(first, await applyOrHalve(batch.slice(middle), work))
  }
}
