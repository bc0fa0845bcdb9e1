import type { Answered } from './checks.ts'
import type { FuzzedOperation } from './operations.ts'
import type { Outgoing } from './sending.ts'

interface Exchange {
  readonly operation: FuzzedOperation
  readonly request: Outgoing
  readonly answer: Answered
  readonly faults: readonly string[]
}

interface Count {
  readonly statuses: Map<number, number>
  faults: number
}

/** Of one kind of fault so many are shown in full. */
const shownOfAKind = 2

/** What was asked and answered, by operation. */
export class FuzzReport {
  readonly #seed: number
  readonly #startedAt = performance.now()
  readonly #counts = new Map<string, Count>()
  readonly #kinds = new Map<string, number>()
  readonly #shown: string[] = []
  #requests = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  get requests(): number {
    return this.#requests
  }

  get faults(): number {
    return [...this.#counts.values()].reduce((sum, { faults }) => sum + faults, 0)
  }

  add({ operation, request, answer, faults }: Exchange): void {
    const count = this.#counts.get(operation.id) ?? { statuses: new Map(), faults: 0 }
    this.#counts.set(operation.id, count)
    count.statuses.set(answer.status, (count.statuses.get(answer.status) ?? 0) + 1)
    this.#requests += 1
    if (faults.length > 0) count.faults += 1
    for (const fault of faults) this.#note(`${operation.id}: ${fault}`, request, answer)
  }

  #note(fault: string, request: Outgoing, answer: Answered): void {
    const seen = this.#kinds.get(fault) ?? 0
    this.#kinds.set(fault, seen + 1)
    if (seen >= shownOfAKind) return
    const { authorization: _token, ...headers } = request.headers
    this.#shown.push(
      `FAULT ${fault}`,
      `  ${request.method} ${request.target} ${JSON.stringify(headers)}`,
      `  body: ${excerpt(request.body)}`,
      `  answer: ${answer.status} ${excerpt(answer.text)}`,
    )
  }

  lines(): readonly string[] {
    const rows = [...this.#counts].map(([id, { statuses, faults }]) => {
      const sorted = [...statuses].sort(([a], [b]) => a - b)
      const requests = sorted.reduce((sum, [, count]) => sum + count, 0)
      const shown = sorted.map(([status, count]) => `${status}×${count}`).join(' ')
      return {
        requests,
        line: [
          String(requests).padStart(6),
          id.padEnd(28),
          shown,
          faults > 0 ? `${faults} FAULTS` : '',
        ]
          .join('  ')
          .trimEnd(),
      }
    })
    const all = rows.reduce((sum, { requests }) => sum + requests, 0)
    const seconds = (performance.now() - this.#startedAt) / 1000
    return [
      ...this.#shown,
      ...[...this.#kinds].map(([fault, times]) => `${times} times ${fault}`),
      ...rows.map(({ line }) => line),
      `fuzz: ${all} requests to ${rows.length} operations in ${seconds.toFixed(0)} s (${(all / seconds).toFixed(0)}/s), ${this.faults} faults, seed ${this.#seed}`,
    ]
  }
}

function excerpt(body: string | Uint8Array | undefined): string {
  if (body === undefined) return 'none'
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('latin1')
  return text.length > 600 ? `${text.slice(0, 600)}… (${text.length})` : text
}
