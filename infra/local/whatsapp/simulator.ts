import { readFile } from 'node:fs/promises'
import { type AccountNews, tellAccountNews } from './account-news.ts'
import type { Fault, FaultRequest } from './faults.ts'
import { graphRoutes } from './graph-routes.ts'
import { HttpServer, type Route } from './http-server.ts'
import { type InboundRequest, receiveInbound } from './inbound.ts'
import type { Ledger } from './ledger.ts'
import type { Settings, SettingsChange } from './settings.ts'
import { Simulation, type WhatsAppOptions } from './simulation.ts'
import {
  type RawWebhook,
  sendWebhook,
  steeringRoutes,
  type VerifyReport,
  verifyWebhook,
} from './steering-routes.ts'
import { putTemplates } from './template-news.ts'
import type { Template, TemplateInput } from './templates.ts'
import type { PostResult } from './webhook-client.ts'

/** A running simulator of the WhatsApp Cloud API. Every verb also exists under `/_sim/`. */
export interface WhatsAppSimulator {
  /** Base address: stands for `https://graph.facebook.com`. */
  readonly url: string
  /** Stops at once: no timer, connection or webhook is left. */
  close(): Promise<void>
  /** What happened since a cursor or an ISO time; everything without one. */
  ledger(since?: string | number): Ledger
  clearLedger(): void
  /** A person writes to us. */
  inbound(message: InboundRequest): { messageId: string }
  /** Arms a fault. */
  fail(fault: FaultRequest): Fault
  clearFaults(): void
  configure(change: SettingsChange): Settings
  /** Adds or changes templates; changes of known ones are told by webhook. */
  putTemplates(templates: readonly TemplateInput[]): readonly Template[]
  /** Tells news of an account or a number by webhook. */
  account(news: AccountNews): { eventId: string }
  /** Sends a webhook of the caller's making; settles with the receiver's first answer. */
  sendWebhook(webhook: RawWebhook): Promise<{ eventId: string } & PostResult>
  /** The GET handshake against the webhook address. */
  verify(): Promise<VerifyReport>
}

/**
 * Starts the simulator on 127.0.0.1. Rejects when the port is taken, with a ZodError when a number
 * or a setting is malformed.
 */
export async function startWhatsApp(options: WhatsAppOptions): Promise<WhatsAppSimulator> {
  const simulation = new Simulation(options)
  const page = await readFile(new URL('./phone-page.html', import.meta.url), 'utf8')
  const routes = [pageRoute(page), ...steeringRoutes(simulation), ...graphRoutes(simulation)]
  const server = new HttpServer(routes, { 'facebook-api-version': 'v26.0' })
  const port = await server.listen(options.port)
  simulation.baseUrl = `http://127.0.0.1:${port}`
  return {
    url: simulation.baseUrl,
    async close() {
      simulation.close()
      await server.close()
    },
    ledger: (since) => simulation.readLedger(since),
    clearLedger: () => simulation.ledger.clear(),
    inbound: (message) => receiveInbound(simulation, message),
    fail: (fault) => simulation.faults.arm(fault),
    clearFaults: () => simulation.faults.clear(),
    configure: (change) => simulation.configure(change),
    putTemplates: (templates) => putTemplates(simulation, templates),
    account: (news) => tellAccountNews(simulation, news),
    sendWebhook: (webhook) => sendWebhook(simulation, webhook),
    verify: () => verifyWebhook(simulation),
  }
}

function pageRoute(page: string): Route {
  return {
    method: 'GET',
    path: /^\/$/,
    handle: () => ({ status: 200, bytes: page, contentType: 'text/html; charset=utf-8' }),
  }
}
