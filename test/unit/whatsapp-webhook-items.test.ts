import { describe, expect, it } from 'vitest'
import { translateItem } from '#shared/adapters/whatsapp/webhook-events.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'

const now = new Date('2026-11-23T12:00:00Z')
const uuid = () => '7f9c24e5-3b1a-4c3e-9d52-0a4b8f1d6e01'
const reading = { now, uuid }
const timestamp = String(Date.parse('2026-11-23T11:59:00Z') / 1000)
const sender = { phoneNumberId: '106540000000001', wabaId: '102290000000001' }

const metadata = { display_phone_number: '551140000000', phone_number_id: sender.phoneNumberId }
const ana = { profile: { name: 'Ana' }, wa_id: '5511987654321', user_id: 'BR.1349' }
const bia = { profile: { name: 'Bia' }, wa_id: '5511912345678', user_id: 'BR.2222' }
const text = (fields: object = {}) => ({
  from: ana.wa_id,
  from_user_id: ana.user_id,
  id: 'wamid.INB1=',
  timestamp,
  type: 'text',
  text: { body: 'Olá' },
  ...fields,
})
const status = (fields: object = {}) => ({
  id: 'wamid.OUT1=',
  status: 'delivered',
  timestamp,
  recipient_id: ana.wa_id,
  ...fields,
})
const change = (value: unknown, field: unknown = 'messages') => ({ field, value })
const webhook = (...changes: unknown[]) => ({
  object: 'whatsapp_business_account',
  entry: [{ id: sender.wabaId, changes }],
})

describe('splitWebhook', () => {
  it('walks every entry, change, message and status', () => {
    const value = {
      metadata,
      contacts: [ana],
      messages: [text(), text({ id: 'wamid.INB2=' })],
      statuses: [status()],
      errors: [{ code: 131016 }],
    }
    const body = {
      entry: [
        { id: 'a', changes: [change(value), change(value)] },
        {
          id: 'b',
          time: 5,
          changes: [change({ event: 'APPROVED' }, 'message_template_status_update')],
        },
        {
          id: 'c',
          changes: [change({ metadata, message_echoes: [{}, {}] }, 'smb_message_echoes')],
        },
      ],
    }
    const items = splitWebhook(body)
    expect(items.map(({ kind, reason, wabaId }) => `${wabaId} ${reason ?? kind}`)).toEqual([
      ...Array(2).fill(['a message', 'a message', 'a status', 'a account-error']).flat(),
      'b account',
      'c echo',
      'c echo',
    ])
    expect(items[8]).toEqual({
      kind: 'account',
      wabaId: 'b',
      time: 5,
      field: 'message_template_status_update',
      payload: { event: 'APPROVED' },
    })
  })

  it('gives each item its own contact', () => {
    const items = splitWebhook(
      webhook(
        change({
          metadata,
          contacts: [bia, ana],
          messages: [
            text(),
            text({ from: undefined, from_user_id: bia.user_id }),
            text({ from: '5500', from_user_id: undefined }),
            text({ from: undefined, from_user_id: undefined }),
          ],
          statuses: [status({ recipient_id: undefined, recipient_user_id: ana.user_id })],
        }),
      ),
    )
    expect(items.map((item) => item.contact)).toEqual([ana, bia, undefined, undefined, ana])
  })

  it('gives a lone contact to a lone message unless their ids contradict', () => {
    const contactOf = (fields: object) =>
      splitWebhook(webhook(change({ contacts: [ana], messages: [text(fields)] })))[0]?.contact
    expect(contactOf({ from: undefined, from_user_id: undefined })).toEqual(ana)
    expect(contactOf({ from: null, from_user_id: null })).toEqual(ana)
    expect(contactOf({ from: bia.wa_id, from_user_id: undefined })).toBeUndefined()
    expect(contactOf({ from: undefined, from_user_id: bia.user_id })).toBeUndefined()
  })

  it.each([
    ['no webhook', 5, 1],
    ['null', null, 1],
    ['a list', [webhook()], 1],
    ['entry of another form', { entry: { changes: [] } }, 1],
    ['nothing to say', { entry: [] }, 0],
    ['an entry that is a text', { entry: ['x'] }, 1],
    ['an entry without changes', { entry: [{ id: 'a', messaging: [] }] }, 1],
    ['a change that is null', webhook(null), 1],
    ['a value that is a text', webhook(change('x')), 1],
    ['a value with no list we know', webhook(change({ metadata })), 1],
    ['messages that are no list', webhook(change({ messages: { id: 'x' } })), 1],
    ['empty lists', webhook(change({ messages: [], statuses: [] })), 0],
    ['messages that are null', webhook(change({ messages: null, statuses: [status()] })), 1],
  ])('loses nothing of %s', (_, body, count) => {
    expect(splitWebhook(body)).toHaveLength(count)
  })

  it('makes plain JSON that survives a queue', () => {
    const items = splitWebhook(
      webhook(change({ metadata, contacts: [ana], messages: [text(), null, 5] })),
    )
    expect(items).toHaveLength(3)
    expect(JSON.parse(JSON.stringify(items))).toEqual(items)
  })

  it('bounds hostile nesting, and only that', () => {
    const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)
    const [item] = splitWebhook(webhook(change({ metadata, messages: [text({ deep })] })))
    expect(JSON.stringify(item).length).toBeLessThan(2_000)
    expect(translateItem(item, reading)).toMatchObject({ kind: 'inbound' })
    expect(translateItem({ kind: 'message', payload: deep }, reading)).toMatchObject({
      kind: 'other',
    })
    expect(splitWebhook(deep)).toHaveLength(1)
  })
})
