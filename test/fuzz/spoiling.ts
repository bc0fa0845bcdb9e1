import fc from 'fast-check'

/** What nobody should send. */
export const oddities: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, '', ' ', '\u0000', '\ud800', '\udfff\ud800'],
  ...['\u202e', '\ufffe', 'ﷺ'.repeat(600), 'x'.repeat(70_000), "'; drop table chats; --"],
  ...['%00', '../..', '{{1}}', '__proto__', 'constructor', '9'.repeat(40), '-0', 'NaN', '1e3'],
  ...[[], [[]], {}, { toString: 1 }, JSON.parse('{"__proto__":{"x":1}}'), Array(2000).fill(0)],
]

/** How a good value is spoilt: at which of its places, and how. */
export interface Spoiling {
  readonly place: number
  readonly how: 'replace' | 'remove' | 'add' | 'repeat'
  readonly oddity: number
  readonly name: string
}

export const spoilings: fc.Arbitrary<Spoiling> = fc.record({
  place: fc.nat(),
  how: fc.constantFrom('replace', 'remove', 'add', 'repeat'),
  oddity: fc.nat(oddities.length - 1),
  name: fc.oneof(fc.constantFrom('__proto__', 'constructor', 'tenantId', 'x'), fc.string()),
})

type Container = object

/** A copy that differs in one place. */
export function spoil(value: unknown, { place, how, oddity, name }: Spoiling): unknown {
  const root = { value: structuredClone(value) }
  const places = placesIn(root)
  const { holder, key } = places[place % places.length] ?? { holder: root, key: 'value' }
  ways[how](holder as Record<string, unknown>, key, { oddity: oddities[oddity], name })
  return root.value
}

type Way = (
  holder: Record<string, unknown>,
  key: string,
  given: { readonly oddity: unknown; readonly name: string },
) => void

const ways: Readonly<Record<Spoiling['how'], Way>> = {
  replace: (holder, key, { oddity }) => {
    holder[key] = oddity
  },
  remove: (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1)
    else delete holder[key]
  },
  add: (holder, _key, { oddity, name }) => {
    if (Array.isArray(holder)) holder.push(oddity)
    else
      Object.defineProperty(holder, name, { value: oddity, enumerable: true, configurable: true })
  },
  repeat: (holder, key) => {
    const old = holder[key]
    holder[key] = Array.isArray(old) ? Array(150).fill(old[0] ?? null) : [old, old]
  },
}

/** Every value in a value, by what holds it. */
function placesIn(holder: Container): readonly { holder: Container; key: string }[] {
  return Object.entries(holder).flatMap(([key, value]) => [
    { holder, key },
    ...(typeof value === 'object' && value !== null ? placesIn(value) : []),
  ])
}

/** Bodies that are no JSON, or not what anybody calls a request. */
export const rawBodies: readonly (string | Uint8Array)[] = [
  ...['', '{', 'null', '[]', '"text"', '7', '{}{}', '{"a":1,}', 'channel=WHATSAPP', '\ufeff{}'],
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `{"a":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}}`,
  ...[Buffer.from('{"a":"maçã"}', 'latin1'), Buffer.from('{"a":1}', 'utf16le'), Buffer.alloc(64)],
  Buffer.alloc(300_000, 'x'),
]
