import * as z from 'zod'
import type { WaitingMessage } from '#shared/ports/task-store.ts'
import { readOptions, rowLimit, tenantId } from './arguments.ts'
import type { Command } from './operations.ts'
import { duration, localTime, table } from './table.ts'

const options = z.object({
  tenant: tenantId.optional(),
  limit: rowLimit,
  json: z.boolean().default(false),
})

/** Lists everything that is not final and why it waits, oldest first. */
export function waiting(argv: readonly string[]): Command {
  const { tenant, limit, json } = readOptions(argv, options)
  return {
    role: 'functions',
    run: async ({ tasks }) => {
      const messages = await tasks.waiting({ tenantId: tenant, limit })
      if (json) return JSON.stringify(messages)
      return messages.length === 0 ? 'Nothing waits.' : describe(messages, limit)
    },
  }
}

function describe(messages: readonly WaitingMessage[], limit: number): string {
  const rows = messages.map((message) => ({
    message: message.messageId,
    tenant: message.tenantId,
    chat: message.chatId,
    sender: message.senderId,
    status: message.status,
    why: message.why,
    'waits for': duration(message.waitsSeconds),
    'next step at (São Paulo)': localTime(message.dueAt),
    attempts: String(message.attempts),
  }))
  const more = messages.length === limit ? ' There may be more: raise --limit.' : ''
  return `${table(rows)}\n\n${messages.length} not final, oldest first.${more}`
}
