import { type Clock, systemClock, Timers } from './clock.ts'
import { Faults } from './faults.ts'
import type { Answer } from './http-server.ts'
import { type Ledger, LedgerBook, type LedgerEvent } from './ledger.ts'
import { RateLimits } from './limits.ts'
import { MagicNumbers } from './magic-numbers.ts'
import { MediaStore } from './media.ts'
import { type BusinessNumber, Numbers } from './numbers.ts'
import { People } from './people.ts'
import { Random } from './random.ts'
import { Reports } from './reports.ts'
import { changeSettings, defaultSettings, type Settings, type SettingsChange } from './settings.ts'
import { TemplateStore } from './templates.ts'
import { WebhookQueue } from './webhook-queue.ts'

export interface WhatsAppOptions {
  /** 0 takes a free port. */
  readonly port: number
  /** Signs webhooks. */
  readonly appSecret: string
  /** Where webhooks go; asked anew for each of them, so it may be known later. */
  readonly webhookUrl: () => string | undefined
  readonly verifyToken: string
  readonly numbers: readonly BusinessNumber[]
  /** Milliseconds from acceptance to each report. */
  readonly delays?: Partial<Settings['delays']>
  readonly settings?: SettingsChange
  /** The same seed gives the same ids and the same luck; random when left out. */
  readonly seed?: number
  readonly clock?: Clock
}

interface Telling {
  readonly field: string
  readonly value: Readonly<Record<string, unknown>>
  readonly wamid?: string
}

/** All state of one simulator. */
export class Simulation {
  readonly options: WhatsAppOptions
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly ledger: LedgerBook
  readonly faults: Faults
  readonly limits: RateLimits
  readonly magic = new MagicNumbers()
  readonly numbers: Numbers
  readonly people = new People()
  readonly templates: TemplateStore
  readonly media: MediaStore
  readonly webhooks: WebhookQueue
  readonly reports: Reports
  /** Set once the server listens. */
  baseUrl = ''
  #settings: Settings

  constructor(options: WhatsAppOptions) {
    const { clock = systemClock, seed = Math.floor(Math.random() * 2 ** 32) } = options
    this.options = options
    this.clock = clock
    this.timers = new Timers(clock)
    this.random = new Random(seed)
    this.ledger = new LedgerBook(clock)
    this.faults = new Faults(clock, this.random)
    this.limits = new RateLimits(clock)
    this.numbers = new Numbers(options.numbers)
    this.templates = new TemplateStore(this.random)
    this.media = new MediaStore(clock, this.random, options.appSecret)
    this.#settings = changeSettings(defaultSettings, {
      ...options.settings,
      delays: { ...options.settings?.delays, ...options.delays },
    })
    const settings = () => this.#settings
    const { appSecret, webhookUrl } = options
    this.webhooks = new WebhookQueue({ ...this.#shared(), settings, appSecret, webhookUrl })
    this.reports = new Reports({ ...this.#shared(), settings, webhooks: this.webhooks })
  }

  get settings(): Settings {
    return this.#settings
  }

  configure(change: SettingsChange): Settings {
    this.#settings = changeSettings(this.#settings, change)
    return this.#settings
  }

  readLedger(since?: string | number): Ledger {
    const pending = { reports: this.reports.pending, webhooks: this.webhooks.pending }
    return this.ledger.read(since, pending)
  }

  /** Sends a webhook of its own about an account or one of its numbers. */
  tell(number: BusinessNumber, { field, value, wamid }: Telling): LedgerEvent {
    const { phoneNumberId, wabaId } = number
    const event = this.ledger.openEvent({
      phoneNumberId,
      kind: 'raw',
      wamid,
      status: undefined,
      attemptId: undefined,
    })
    this.webhooks.push({ wabaId, phoneNumberId, field, kind: 'raw', value, event })
    return event
  }

  close(): void {
    this.timers.close()
    this.webhooks.close()
  }

  #shared() {
    const { clock, timers, faults, ledger } = this
    return { clock, timers, faults, ledger }
  }
}

/** A fixed page of a proxy in front of the API: no JSON, no error object. */
const gatewayPage = '<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body>'

export function html(status: number): Answer {
  return { status, bytes: gatewayPage, contentType: 'text/html; charset=utf-8' }
}
