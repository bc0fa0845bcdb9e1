import type { Clock, Timers } from './clock.ts'
import type { Faults } from './faults.ts'
import type { LedgerBook, LedgerEvent } from './ledger.ts'
import { signatureOf, toMetaJson } from './meta-json.ts'
import type { Settings } from './settings.ts'
import { type Update, webhookBody } from './webhook-body.ts'
import { type PostResult, WebhookClient } from './webhook-client.ts'

/** Meta's bodies stay under 3 MB. */
const maxBodyBytes = 2_900_000
const outagePollMs = 250

export interface WebhookQueueParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly faults: Faults
  readonly ledger: LedgerBook
  readonly settings: () => Settings
  readonly appSecret: string
  readonly webhookUrl: () => string | undefined
}

export type Signing = 'valid' | 'invalid' | 'missing'

interface Delivery {
  readonly body: Buffer
  readonly signing: Signing
  readonly events: readonly LedgerEvent[]
  readonly onAnswer: (result: PostResult) => void
  attempts: number
}

/**
 * Delivers updates at least once: bounded connections, any answer but 200 is tried again with
 * growing waits, the same bytes each time. Promises no order.
 */
export class WebhookQueue {
  readonly #parts: WebhookQueueParts
  readonly #client = new WebhookClient()
  #waiting: Update[] = []
  readonly #ready: Delivery[] = []
  #active = 0
  #unfinished = 0
  #lingering = false
  #closed = false

  constructor(parts: WebhookQueueParts) {
    this.#parts = parts
  }

  /** Updates not yet acknowledged nor given up. */
  get pending(): number {
    return this.#unfinished
  }

  push(update: Update): void {
    const { maxUpdatesPerPost, lingerMs } = this.#parts.settings().webhooks
    this.#waiting.push(update)
    this.#unfinished += 1
    if (lingerMs === 0 || this.#waiting.length >= maxUpdatesPerPost) this.#pump()
    else this.#linger(lingerMs)
  }

  /** Sends a body of the caller's making; settles with the first answer and keeps trying after it. */
  deliver(body: Buffer, signing: Signing, event: LedgerEvent): Promise<PostResult> {
    this.#unfinished += 1
    return new Promise((resolve) => {
      this.#ready.push({ body, signing, events: [event], onAnswer: resolve, attempts: 0 })
      this.#pump()
    })
  }

  /** The GET handshake of a subscription. */
  async verify(verifyToken: string, challenge: string) {
    const url = this.#parts.webhookUrl()
    if (url === undefined) return { failure: 'no-webhook-url' }
    const query = new URLSearchParams({
      'hub.mode': 'subscribe',
      'hub.challenge': challenge,
      'hub.verify_token': verifyToken,
    })
    const address = `${url}${url.includes('?') ? '&' : '?'}${query}`
    return this.#client.get(address, this.#parts.settings().webhooks.timeoutMs)
  }

  close(): void {
    this.#closed = true
    this.#client.close()
  }

  #linger(lingerMs: number): void {
    if (this.#lingering) return
    this.#lingering = true
    this.#parts.timers.after(lingerMs, () => {
      this.#lingering = false
      this.#pump()
    })
  }

  #pump(): void {
    const outageMs = this.#parts.faults.webhookOutageMs()
    if (outageMs > 0) {
      this.#linger(Math.min(outageMs, outagePollMs))
      return
    }
    const { maxConnections } = this.#parts.settings().webhooks
    while (!this.#closed && this.#active < maxConnections) {
      const delivery = this.#ready.shift() ?? this.#pack()
      if (!delivery) return
      void this.#run(delivery)
    }
  }

  #pack(): Delivery | undefined {
    const updates = this.#take()
    if (updates.length === 0) return undefined
    const { clock, faults } = this.#parts
    const delivery: Delivery = {
      body: toMetaJson(webhookBody(updates, clock.now())),
      signing: faults.webhook('webhook-bad-signature') ? 'invalid' : 'valid',
      events: updates.map(({ event }) => event),
      onAnswer: () => {
        for (const { onAnswer } of updates) onAnswer?.()
      },
      attempts: 0,
    }
    if (faults.webhook('webhook-duplicate')) {
      this.#unfinished += updates.length
      this.#ready.push({ ...delivery, onAnswer: () => undefined })
    }
    return delivery
  }

  #take(): Update[] {
    if (this.#waiting.length === 0) return []
    const { maxUpdatesPerPost } = this.#parts.settings().webhooks
    if (this.#parts.faults.webhook('webhook-shuffle')) this.#waiting.reverse()
    const count = maxUpdatesPerPost === 1 ? 1 : this.#fitting(maxUpdatesPerPost)
    return this.#waiting.splice(0, count)
  }

  #fitting(maxUpdates: number): number {
    let bytes = 0
    const candidates = this.#waiting.slice(0, maxUpdates)
    const overflow = candidates.findIndex(({ value }) => {
      bytes += toMetaJson(value).length
      return bytes > maxBodyBytes
    })
    return overflow === -1 ? candidates.length : Math.max(1, overflow)
  }

  async #run(delivery: Delivery): Promise<void> {
    this.#active += 1
    delivery.attempts += 1
    const result = await this.#post(delivery)
    this.#active -= 1
    if (this.#closed) return
    for (const event of delivery.events) this.#parts.ledger.answered(event, result)
    if (delivery.attempts === 1) delivery.onAnswer(result)
    this.#settle(delivery, result)
    this.#pump()
  }

  #post({ body, signing }: Delivery): Promise<PostResult> {
    const { webhookUrl, appSecret, settings } = this.#parts
    const url = webhookUrl()
    if (url === undefined) return Promise.resolve({ failure: 'no-webhook-url' })
    const secret = signing === 'invalid' ? `not ${appSecret}` : appSecret
    const signature = signing === 'missing' ? undefined : signatureOf(body, secret)
    return this.#client.post({ url, body, signature, timeoutMs: settings().webhooks.timeoutMs })
  }

  #settle(delivery: Delivery, result: PostResult): void {
    const { firstRetryMs, maxRetryMs, maxAttempts } = this.#parts.settings().webhooks
    const done = 'httpStatus' in result && result.httpStatus === 200
    if (done || delivery.attempts >= maxAttempts) {
      this.#unfinished -= delivery.events.length
      if (!done) for (const event of delivery.events) this.#parts.ledger.abandon(event)
      return
    }
    const delayMs = Math.min(maxRetryMs, firstRetryMs * 2 ** (delivery.attempts - 1))
    this.#parts.timers.after(delayMs, () => {
      this.#ready.push(delivery)
      this.#pump()
    })
  }
}
