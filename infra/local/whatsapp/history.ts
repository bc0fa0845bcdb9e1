import { createHash } from 'node:crypto'
import { GraphError } from './graph-error.ts'
import type { Answer, Exchange } from './http-server.ts'
import type { LedgerEvent } from './ledger.ts'
import type { StoredMessage } from './people.ts'
import type { Simulation } from './simulation.ts'

const states: Readonly<Record<string, string>> = {
  sent: 'SENT',
  delivered: 'DELIVERED',
  read: 'READ',
  played: 'READ',
  failed: 'FAILED',
}

/**
 * `GET /{phone number id}/message_history?message_id=…`, behind a setting: Meta documents it, but
 * hardly anybody has seen it answer. Throws GraphError 100 when it is off or the id is unknown.
 */
export function messageHistory(simulation: Simulation, { params, headers, url }: Exchange): Answer {
  const number = simulation.numbers.authorised(headers.authorization, params.phoneNumberId ?? '')
  if (!simulation.settings.messageHistory) {
    throw new GraphError(100, 'Tried accessing nonexisting field (message_history)')
  }
  const messageId = url.searchParams.get('message_id') ?? ''
  const message = simulation.people.message(messageId)
  if (message?.direction !== 'outbound' || message.phoneNumberId !== number.phoneNumberId) {
    throw new GraphError(100, `Message id '${messageId}' is not a message of this number`)
  }
  const cursors = { before: nodeId(messageId), after: nodeId(messageId) }
  const row = {
    id: nodeId(messageId),
    message_id: messageId,
    events: { data: eventsOf(simulation, message) },
  }
  return { status: 200, json: { data: [row], paging: { cursors } } }
}

function eventsOf(simulation: Simulation, message: StoredMessage): object[] {
  const told = simulation.ledger.eventsAbout(message.messageId)
  return message.reports.flatMap(({ status, atMs }, index) => {
    const deliveryStatus = states[status]
    if (deliveryStatus === undefined) return []
    const webhook = told.find((event) => event.status === status)
    const error = status === 'failed' ? { error_description: 'Message undeliverable' } : {}
    return [
      {
        id: nodeId(`${message.messageId}:${index}`),
        delivery_status: deliveryStatus,
        timestamp: Math.floor(atMs / 1000),
        webhook_update_state: webhookState(webhook),
        webhook_uri: simulation.options.webhookUrl() ?? '',
        application: { id: nodeId(simulation.options.verifyToken) },
        ...error,
      },
    ]
  })
}

function webhookState(event: LedgerEvent | undefined): string {
  if (event === undefined || event.acknowledged) return 'DELIVERED'
  if (event.abandoned) return 'FAILED'
  return event.answers.length === 0 ? 'PENDING' : 'RETRYING'
}

function nodeId(text: string): string {
  return String(createHash('sha256').update(text).digest().readUInt32BE())
}
