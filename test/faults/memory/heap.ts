interface Entry<T> {
  readonly key: number
  readonly order: number
  readonly item: T
}

/** A binary heap: the smallest key first, equal keys in the order in which they came. */
export interface Heap<T> {
  readonly size: () => number
  push(key: number, item: T): void
  /** The smallest key; undefined when it is empty. */
  nextKey(): number | undefined
  pop(): T | undefined
}

export function makeHeap<T>(): Heap<T> {
  const entries: Entry<T>[] = []
  let pushed = 0

  const before = (one: Entry<T>, other: Entry<T>) =>
    one.key < other.key || (one.key === other.key && one.order < other.order)

  function rise(entry: Entry<T>): void {
    let at = entries.length
    entries.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = entries[parent]
      if (above === undefined || !before(entry, above)) break
      entries[at] = above
      at = parent
    }
    entries[at] = entry
  }

  function smallerChild(at: number): number {
    const left = 2 * at + 1
    const [one, other] = [entries[left], entries[left + 1]]
    return one !== undefined && other !== undefined && before(other, one) ? left + 1 : left
  }

  function sink(entry: Entry<T>): void {
    let at = 0
    for (;;) {
      const child = smallerChild(at)
      const below = entries[child]
      if (below === undefined || !before(below, entry)) break
      entries[at] = below
      at = child
    }
    entries[at] = entry
  }

  return {
    size: () => entries.length,
    push(key, item) {
      pushed += 1
      rise({ key, order: pushed, item })
    },
    nextKey: () => entries[0]?.key,
    pop() {
      const first = entries[0]
      const last = entries.pop()
      if (first !== undefined && last !== undefined && entries.length > 0) sink(last)
      return first?.item
    },
  }
}
