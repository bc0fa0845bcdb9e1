import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openChatBody } from '#shared/contracts/chats.ts'
import { acceptedResource, idempotencyKey, messageResource } from '#shared/contracts/messages.ts'
import { idParam } from '#shared/contracts/operation.ts'
import { pageQuery } from '#shared/contracts/paging.ts'
import { contentOf, postMessageBody } from '#shared/contracts/post-message.ts'
import type { Message } from '#shared/domain/message.ts'

describe('POST /chats', () => {
  it('writes phones in one form', () => {
    const body = openChatBody.parse({
      person: { externalId: '8812' },
      contacts: [{ channel: 'WHATSAPP', address: ' +55 (11) 98765-4321 ' }],
    })
    expect(body.contacts[0]?.address).toBe('+5511987654321')
  })

  it('names the field that is wrong', () => {
    const parsed = openChatBody.safeParse({
      person: { externalId: '8812' },
      contacts: [{ channel: 'WHATSAPP', address: '11 98765-4321' }],
    })
    expect(parsed.error?.issues[0]?.path).toEqual(['contacts', 0, 'address'])
  })
})

describe('POST /chats/{chatId}/messages', () => {
  const body = (more: object) =>
    postMessageBody.parse({ channel: 'WHATSAPP', content: { type: 'text', text: 'Olá' }, ...more })

  it('leaves out what was not given', () => {
    expect(contentOf(body({}))).toEqual({ type: 'text', text: 'Olá' })
    expect(Object.keys(contentOf(body({})))).toEqual(['type', 'text'])
  })

  it('writes times in UTC, so that one moment is one body', () => {
    expect(body({ sendAt: '2030-01-01T09:00:00-03:00' }).sendAt).toBe('2030-01-01T12:00:00.000Z')
    expect(body({ expiresAt: '2030-01-01T12:00:00Z' }).expiresAt).toBe('2030-01-01T12:00:00.000Z')
  })

  it('every instant that it takes is one that PostgreSQL takes', () => {
    const date = fc.date({
      min: new Date(0),
      max: new Date(Date.UTC(9998, 0)),
      noInvalidDate: true,
    })
    void fc.assert(
      fc.property(date, (at) => {
        expect(body({ sendAt: at.toISOString() }).sendAt).toBe(at.toISOString())
      }),
    )
  })
})

describe('Idempotency-Key', () => {
  it.each(['a', '0', 'x'.repeat(255), 'a/b:c#d~!'])('%s passes', (key) => {
    expect(idempotencyKey.safeParse(key).success).toBe(true)
  })
  it.each(['', ' ', 'a b', 'a\tb', 'ç', 'x'.repeat(256), 'a\n'])('%j does not', (key) => {
    expect(idempotencyKey.safeParse(key).success).toBe(false)
  })
})

describe('ids and pages', () => {
  it('an id is a positive decimal that fits bigint; anything else names nothing', () => {
    const { schema, notFound } = idParam('chat-not-found')
    expect(notFound).toBe('chat-not-found')
    expect(schema.parse('1')).toBe('1')
    expect(schema.parse('9'.repeat(18))).toBe('9'.repeat(18))
    for (const chatId of [
      '0',
      '01',
      '-1',
      '1.0',
      '1e3',
      'a',
      '',
      '٣',
      ' 1',
      '1\n',
      '9'.repeat(19),
    ]) {
      expect(schema.safeParse(chatId).success, chatId).toBe(false)
    }
    expect(schema.safeParse(undefined).success).toBe(false)
  })

  it('a page has 50 items unless told, 100 at most', () => {
    expect(pageQuery.parse({})).toEqual({ limit: 50 })
    expect(pageQuery.parse({ limit: '100' }).limit).toBe(100)
    for (const limit of ['0', '101', '-1', '1e1', '', ' 5', '5.0']) {
      expect(pageQuery.safeParse({ limit }).success, limit).toBe(false)
    }
  })
})

describe('resources', () => {
  const message: Message = {
    messageId: '7',
    chatId: '3',
    sequence: '1',
    direction: 'OUTBOUND',
    channel: 'WHATSAPP',
    origin: 'api',
    status: 'QUEUED',
    reason: undefined,
    reasonCode: undefined,
    failureClass: undefined,
    statusAt: '2026-11-23T12:00:00.000Z',
    held: false,
    possibleDuplicate: false,
    outOfOrder: false,
    fallbackWaits: false,
    fallbackUsed: false,
    deliveryPolicy: 'at-least-once',
    content: { type: 'text', text: 'Olá' },
    metadata: undefined,
    editedAt: undefined,
    revokedAt: undefined,
    pricing: undefined,
    replyToMessageId: undefined,
    resendOfMessageId: undefined,
    deletedAt: undefined,
    sendAt: undefined,
    expiresAt: undefined,
    occurredAt: undefined,
    createdAt: '2026-11-23T12:00:00.000Z',
  }

  it('the 202 is made of what is kept with the key alone', () => {
    const accepted = { chatId: '3', messageId: '7', acceptedAt: '2026-11-23T12:00:00.000Z' }
    expect(JSON.stringify(acceptedResource(accepted))).toBe(
      '{"messageId":"7","chatId":"3","status":"QUEUED","acceptedAt":"2026-11-23T12:00:00.000Z"}',
    )
  })

  it('a message shows its flags only when they are true', () => {
    const plain = messageResource(message)
    for (const flag of ['held', 'possibleDuplicate', 'outOfOrder', 'reason', 'final']) {
      expect(plain).not.toHaveProperty(flag)
    }
    const flagged = messageResource({ ...message, held: true, possibleDuplicate: true })
    expect(flagged).toMatchObject({ held: true, possibleDuplicate: true })
  })

  it('UNKNOWN tells whether it is final', () => {
    const unknown = { ...message, status: 'UNKNOWN' } as const
    expect(messageResource({ ...unknown, reason: 'timeout' })).toMatchObject({ final: false })
    expect(messageResource({ ...unknown, reason: 'unresolved' })).toMatchObject({ final: true })
  })

  it('a failed message tells programs and people why', () => {
    const failed = { ...message, status: 'FAILED', failureClass: 'permanent' } as const
    expect(
      messageResource({ ...failed, reason: 'recipient-unreachable', reasonCode: 131026 }),
    ).toMatchObject({
      reason: 'recipient-unreachable',
      reasonCode: 131026,
      failure: {
        code: 131026,
        class: 'permanent',
        reason: 'recipient-unreachable',
        text: 'O número não está no WhatsApp ou não pode receber mensagens.',
      },
    })
    expect(messageResource({ ...failed, reason: 'expired' })).toHaveProperty('failure', {
      class: 'permanent',
      reason: 'expired',
      text: 'O prazo para entregar a mensagem terminou.',
    })
    expect(messageResource({ ...failed, reason: '__proto__' })).toHaveProperty(
      'failure.text',
      'O envio falhou por um motivo que ainda não conhecemos.',
    )
    expect(messageResource(message)).not.toHaveProperty('failure')
  })

  it('a message shows what came along with it', () => {
    const editedAt = '2026-11-23T12:01:00.000Z'
    const more = { metadata: { forwarded: true }, editedAt, pricing: { category: 'utility' } }
    expect(messageResource({ ...message, ...more })).toMatchObject(more)
    const revoked = { ...message, content: undefined, revokedAt: editedAt }
    expect(messageResource(revoked)).toMatchObject({ content: null, revokedAt: editedAt })
  })

  it('an inbound message shows nothing of sending', () => {
    const inbound = messageResource({ ...message, direction: 'INBOUND', status: 'RECEIVED' })
    expect(inbound).not.toHaveProperty('deliveryPolicy')
  })
})
