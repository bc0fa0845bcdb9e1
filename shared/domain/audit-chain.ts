/** An entry of the audit as the database says it, each column as text. */
export interface AuditRow {
  readonly tenantId: string
  readonly xid: string
  readonly auditId: string
  /** Microseconds since 1970. */
  readonly at: string
  readonly actorKind: string
  readonly actor: string
  readonly action: string
  readonly outcome: string
  readonly purpose: string
  readonly requestId: string | null
  /** JSON in the database's own spelling. */
  readonly objects: string
  /** Joined by commas. */
  readonly personIds: string
}

/** A link of the chain; `hash` in hex. */
export interface AuditLink {
  readonly position: string
  readonly xid: string
  readonly auditId: string
  readonly hash: string
}

/** The end of a chain as it was told outside of the database. */
export interface AuditHead {
  readonly position: string
  readonly hash: string
}

type AuditFault =
  | 'hash-differs'
  | 'entry-missing'
  | 'entry-not-chained'
  | 'position-differs'
  | 'head-differs'
  | 'head-missing'

interface AuditFinding {
  readonly fault: AuditFault
  /** Of a link; undefined: what is found has none. */
  readonly position?: string
  readonly auditId?: string
}

/** What became of verifying: nothing found means that nothing was changed up to `head`. */
export interface AuditVerdict {
  readonly links: number
  readonly head: AuditHead | undefined
  /** In the order in which they were met; no more than 100 are kept. */
  readonly findings: readonly AuditFinding[]
  /** Entries that are not chained yet. */
  readonly tail: { readonly entries: number; readonly oldestAt: string | undefined }
}

/** SHA-256 in hex, over bytes given in hex and others after them. */
type Hash = (before: string, bytes: Uint8Array) => string

const mostFindings = 100
const hashedColumns = [
  'tenantId',
  'xid',
  'auditId',
  'at',
  'actorKind',
  'actor',
  'action',
  'outcome',
  'purpose',
  'requestId',
  'objects',
  'personIds',
] as const satisfies readonly (keyof AuditRow)[]
const nothing = '00'.repeat(32)
const encoder = new TextEncoder()

/** What `audit_link_v1` hashes, made again without it: the link before, the position, the entry. */
function linkHash(
  before: string,
  {
    position,
    row,
    hash,
  }: { readonly position: string; readonly row: AuditRow; readonly hash: Hash },
): string {
  const fields = [position, ...hashedColumns.map((column) => row[column])].map(fieldBytes)
  return hash(before, joined(fields))
}

/** Length in four bytes, then UTF-8; null has no length. */
function fieldBytes(value: string | null): Uint8Array {
  if (value === null) return Uint8Array.of(255, 255, 255, 255)
  const text = encoder.encode(value)
  const bytes = new Uint8Array(4 + text.length)
  new DataView(bytes.buffer).setUint32(0, text.length)
  bytes.set(text, 4)
  return bytes
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

/** Negative: the first comes before the second in the order of the chain. */
function compare(
  one: Pick<AuditLink, 'xid' | 'auditId'>,
  other: Pick<AuditLink, 'xid' | 'auditId'>,
): number {
  const [a, b] = one.xid === other.xid ? [one.auditId, other.auditId] : [one.xid, other.xid]
  return Number(BigInt(a) - BigInt(b))
}

/**
 * Walks a tenant's entries in the order of (xid, auditId) and its links by position, side by side, and
 * names whatever does not belong together. After a fault it goes on from the link as it is kept, so
 * that one fault hides no other. `heads` were told outside; those beyond the end are missing.
 */
export async function verifyChain(
  {
    rows,
    links,
    heads,
  }: {
    readonly rows: AsyncIterable<AuditRow>
    readonly links: AsyncIterable<AuditLink>
    readonly heads: readonly AuditHead[]
  },
  hash: Hash,
): Promise<AuditVerdict> {
  const walk = new Walk(
    hash,
    Map.groupBy(heads, ({ position }) => position),
  )
  const entries = rows[Symbol.asyncIterator]()
  let entry = await entries.next()
  for await (const link of links) {
    while (entry.done !== true && compare(entry.value, link) < 0) {
      walk.find({ fault: 'entry-not-chained', auditId: entry.value.auditId })
      entry = await entries.next()
    }
    const isThere = entry.done !== true && compare(entry.value, link) === 0
    walk.take(link, isThere ? entry.value : undefined)
    if (isThere) entry = await entries.next()
  }
  while (entry.done !== true) {
    walk.trail(entry.value)
    entry = await entries.next()
  }
  return walk.verdict()
}

class Walk {
  readonly #hash: Hash
  /** Not met yet; of one position several may have been told, and all must be right. */
  readonly #heads: Map<string, readonly AuditHead[]>
  readonly #findings: AuditFinding[] = []
  #links = 0
  #head: AuditHead | undefined
  #tail = { entries: 0, oldestAt: undefined as string | undefined }

  constructor(hash: Hash, heads: Map<string, readonly AuditHead[]>) {
    this.#hash = hash
    this.#heads = heads
  }

  find(finding: AuditFinding): void {
    if (this.#findings.length < mostFindings) this.#findings.push(finding)
  }

  take({ position, auditId, hash }: AuditLink, row: AuditRow | undefined): void {
    const before = this.#head
    if (BigInt(position) !== BigInt(before?.position ?? 0) + 1n) {
      this.find({ fault: 'position-differs', position, auditId })
    }
    if (row === undefined) this.find({ fault: 'entry-missing', position, auditId })
    else if (linkHash(before?.hash ?? nothing, { position, row, hash: this.#hash }) !== hash) {
      this.find({ fault: 'hash-differs', position, auditId })
    }
    const told = this.#heads.get(position) ?? []
    if (told.some((head) => head.hash !== hash)) {
      this.find({ fault: 'head-differs', position, auditId })
    }
    this.#heads.delete(position)
    this.#links += 1
    this.#head = { position, hash }
  }

  trail({ at }: AuditRow): void {
    const { entries, oldestAt = at } = this.#tail
    this.#tail = { entries: entries + 1, oldestAt: BigInt(at) < BigInt(oldestAt) ? at : oldestAt }
  }

  verdict(): AuditVerdict {
    for (const position of this.#heads.keys()) this.find({ fault: 'head-missing', position })
    return {
      links: this.#links,
      head: this.#head,
      findings: this.#findings,
      tail: this.#tail,
    }
  }
}
