/** SQL of one call with its `:name` placeholders rewritten to `$1`, `$2`, … */
export interface ParsedSql {
  readonly text: string
  /** Name of `$1` first; a name used twice has one place. */
  readonly names: readonly string[]
  /** First word in lower case; empty when there is none. */
  readonly verb: string
  readonly endsWithSemicolon: boolean
  readonly isMultistatement: boolean
  /** A `$1` written by the caller, which the service does not know. */
  readonly foreignPlaceholder: string | undefined
}

// A doubled quote needs no rule: 'it''s' scans as two strings side by side. What is not
// terminated runs to the end, and PostgreSQL tells the caller.
const tokenPattern = new RegExp(
  [
    String.raw`(?<quoted>[eE]'(?:[^'\\]+|\\.|'')*(?:'|$)|'[^']*(?:'|$)|"[^"]*(?:"|$))`,
    String.raw`(?<dollar>(?<tag>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$).*?(?:\k<tag>|$))`,
    String.raw`(?<space>\s+|--[^\n]*)`,
    String.raw`(?<comment>/\*)`,
    String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<number>\d[\w.]*)`,
    '(?<colons>::|:=)',
    String.raw`:(?<name>[A-Za-z_]\w*)`,
    String.raw`(?<positional>\$\d+)`,
    '(?<semicolon>;)',
    '(?<other>.)',
  ].join('|'),
  'sy',
)

const maxCached = 500
const cache = new Map<string, ParsedSql>()

/** Reads SQL as PostgreSQL's scanner does; never throws. The last 500 texts are remembered. */
export function parseSql(sql: string): ParsedSql {
  const known = cache.get(sql)
  if (known !== undefined) return known
  const parsed = new SqlReader(sql).read()
  if (cache.size >= maxCached) cache.delete(cache.keys().next().value ?? '')
  cache.set(sql, parsed)
  return parsed
}

class SqlReader {
  readonly #sql: string
  readonly #places = new Map<string, number>()
  #text = ''
  #verb: string | undefined
  #previousWord = ''
  #inAtomicBody = false
  #semicolonSeen = false
  #isMultistatement = false
  #foreignPlaceholder: string | undefined

  constructor(sql: string) {
    this.#sql = sql
  }

  read(): ParsedSql {
    const pattern = new RegExp(tokenPattern)
    while (pattern.lastIndex < this.#sql.length) {
      const start = pattern.lastIndex
      const groups = pattern.exec(this.#sql)?.groups ?? {}
      if (groups.comment !== undefined) pattern.lastIndex = endOfComment(this.#sql, start)
      this.#take(groups, this.#sql.slice(start, pattern.lastIndex))
    }
    return {
      text: this.#text,
      names: [...this.#places.keys()],
      verb: this.#verb ?? '',
      endsWithSemicolon: this.#semicolonSeen,
      isMultistatement: this.#isMultistatement,
      foreignPlaceholder: this.#foreignPlaceholder,
    }
  }

  #take(groups: Record<string, string | undefined>, token: string): void {
    if (groups.space !== undefined || groups.comment !== undefined) {
      this.#text += token
      return
    }
    if (groups.semicolon !== undefined) this.#takeSemicolon()
    else if (this.#semicolonSeen) this.#isMultistatement = true
    if (groups.word !== undefined) this.#takeWord(groups.word.toLowerCase())
    this.#foreignPlaceholder ??= groups.positional
    this.#text += groups.name === undefined ? token : `$${this.#placeOf(groups.name)}`
  }

  #takeSemicolon(): void {
    if (!this.#inAtomicBody) this.#semicolonSeen = true
  }

  #takeWord(word: string): void {
    this.#verb ??= word
    if (word === 'atomic' && this.#previousWord === 'begin') this.#inAtomicBody = true
    this.#previousWord = word
  }

  #placeOf(name: string): number {
    const place = this.#places.get(name) ?? this.#places.size + 1
    this.#places.set(name, place)
    return place
  }
}

/** Block comments nest in PostgreSQL. */
function endOfComment(sql: string, start: number): number {
  const edge = /\/\*|\*\//g
  edge.lastIndex = start
  let depth = 0
  for (let match = edge.exec(sql); match !== null; match = edge.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return edge.lastIndex
  }
  return sql.length
}
