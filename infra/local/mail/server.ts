import { type HttpRequest, type HttpServer, startHttpServer } from '../http-server.ts'
import { makeTopicPublisher } from './aws-sinks.ts'
import { makeEventStream } from './event-stream.ts'
import { planEvents, type SesEvent } from './events.ts'
import { type Faults, type MailFault, makeFaults } from './faults.ts'
import { type InboundOptions, makeInboundSink } from './inbound.ts'
import { type DeliveredMail, type MailView, makeMailbox, viewOf } from './mailbox.ts'
import { mailboxPage } from './page.ts'
import { answerSes, type SesQuota } from './ses-api.ts'
import { steer } from './steering.ts'

export interface MailOptions {
  /** 0 takes a free one. */
  readonly port: number
  readonly region: string
  readonly accountId?: string
  /** Domains and addresses that may send; default: any. */
  readonly verifiedIdentities?: readonly string[]
  /** Configuration sets that exist; default: any name. */
  readonly configurationSets?: readonly string[]
  readonly quota?: SesQuota
  readonly events?: EventOptions
  readonly inbound?: InboundOptions
}

interface EventOptions {
  /** Takes events instead of the topic. */
  readonly onEvent?: (event: SesEvent) => void | Promise<void>
  readonly topicArn?: string
  readonly snsEndpoint?: string
  /** Between one event of a mail and the next; default 20. */
  readonly delayMs?: number
}

export interface Mail extends HttpServer {
  /** Accepted mails in their order, optionally of one recipient. */
  messages(filter?: { to?: string }): Promise<readonly MailView[]>
  clear(): void
  fail(fault: MailFault): void
  clearFaults(): void
  /** From now on events and inbound mails go there: topics and buckets stand later than this. */
  connect(road: Pick<MailOptions, 'events' | 'inbound'>): Promise<void>
}

/** 40 MB is the largest inbound mail; base64 and percent signs swell an outbound one of 10 MB. */
const maxBodyBytes = 45 * 1024 * 1024
const defaultQuota: SesQuota = { max24HourSend: 200_000, maxSendRate: 80 }

/**
 * SES for one machine: the v1 sending API at `POST /`, a mailbox for programs under `/_mail/` and
 * for people at `GET /`, events for what happened to a mail, and inbound mail.
 */
export async function startMail(options: MailOptions): Promise<Mail> {
  const mailbox = makeMailbox(options.region)
  const faults = makeFaults()
  let road = openRoad(options, faults)
  const ses = {
    mailbox,
    faults,
    rules: options,
    quota: options.quota ?? defaultQuota,
    accepted: (mail: DeliveredMail) => road.events.happened(mail),
  }
  const server = await startHttpServer({
    port: options.port,
    maxBodyBytes,
    handle(request: HttpRequest) {
      if (request.path.startsWith('/_mail/')) {
        return steer({ mailbox, faults, inbound: road.inbound }, request)
      }
      if (request.path === '/' && request.method === 'POST') return answerSes(ses, request)
      if (request.path === '/' && request.method === 'GET') return mailboxPage
      return { status: 404 }
    },
  })
  return {
    ...server,
    messages: (filter = {}) => Promise.all(mailbox.list(filter).map(viewOf)),
    clear: mailbox.clear,
    fail: faults.add,
    clearFaults: faults.clear,
    async connect(next) {
      const before = road
      road = openRoad({ ...options, ...next }, faults)
      await before.close()
    },
    async close() {
      await Promise.all([server.close(), road.close()])
    },
  }
}

/** Where events and inbound mails go. */
function openRoad(options: MailOptions, faults: Faults) {
  const events = openEvents(options, faults)
  const inbound = makeInboundSink(options.inbound ?? {}, options.region)
  return {
    events,
    inbound,
    async close() {
      await events.close()
      inbound?.close()
    },
  }
}

interface Events {
  happened(mail: DeliveredMail): void
  close(): Promise<void>
}

function openEvents(options: MailOptions, faults: Faults): Events {
  const { onEvent, topicArn, snsEndpoint, delayMs = 20 } = options.events ?? {}
  const { region, accountId = '000000000000' } = options
  const topic =
    topicArn === undefined || snsEndpoint === undefined
      ? undefined
      : makeTopicPublisher({ endpoint: snsEndpoint, region }, topicArn)
  const stream = makeEventStream({
    delayMs,
    onEvent: onEvent ?? ((event) => topic?.publish('Amazon SES Email Event Notification', event)),
  })
  return {
    happened(mail) {
      const planned = planEvents(mail, { region, accountId })
      if (faults.take('no-events')) return
      if (faults.take('reversed-events')) stream.emit(planned.toReversed())
      else stream.emit(planned)
      if (faults.take('duplicate-events')) stream.emit(planned)
    },
    async close() {
      await stream.close()
      topic?.close()
    },
  }
}
