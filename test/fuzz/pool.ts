/**
 * What is known to exist: values of fields whose names paths and bodies use, together with those
 * that stood beside them. The API calls one thing by one name, so a field of an answer fits the
 * parameter of the same name.
 */
export interface Pool {
  /** Takes what an answer shows. */
  learn(answer: unknown): void
  /** One record that has all of these names; undefined when there is none. */
  pick(names: readonly string[], at: number): Readonly<Record<string, string>> | undefined
  /** The known name that a field is called after: `replyToMessageId` after `messageId`. */
  nameFor(field: string): string | undefined
}

/** Newer ones push out older ones. */
const mostRecords = 400

export function makePool(names: readonly string[]): Pool {
  const records: Readonly<Record<string, string>>[] = []
  const keep = (found: Readonly<Record<string, unknown>>) => {
    const known = names.filter((name) => typeof found[name] === 'string')
    if (known.length === 0) return
    if (records.length >= mostRecords) records.shift()
    records.push(Object.fromEntries(known.map((name) => [name, String(found[name])])))
  }
  const learn = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if (!Array.isArray(value)) keep(withCursor(value as Readonly<Record<string, unknown>>))
    for (const each of Object.values(value)) learn(each)
  }
  return {
    learn,
    pick: (wanted, at) => {
      const fitting = records.filter((record) => wanted.every((name) => name in record))
      return fitting[at % Math.max(1, fitting.length)]
    },
    nameFor: (field) =>
      names.find((name) => field.toLowerCase().endsWith(name.toLowerCase()) && name !== 'name'),
  }
}

/** What a page calls `nextCursor` is asked for as `cursor`. */
function withCursor(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return 'nextCursor' in value ? { ...value, cursor: value.nextCursor } : value
}
