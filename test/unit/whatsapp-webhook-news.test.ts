import { describe, expect, it } from 'vitest'
import { translateItem } from '#shared/adapters/whatsapp/webhook-events.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'
import type { ChannelEvent } from '#shared/domain/channel-event.ts'

const now = new Date('2026-11-23T12:00:00Z')
const seconds = Date.parse('2026-11-23T11:59:00Z') / 1000
const occurredAt = '2026-11-23T11:59:00.000Z'
const sender = { phoneNumberId: '106540000000001', wabaId: '102290000000001' }
const metadata = { display_phone_number: '551140000000', phone_number_id: sender.phoneNumberId }
const mediaId = '7f9c24e5-3b1a-4c3e-9d52-0a4b8f1d6e01'

function eventsOf(field: string, value: object): readonly ChannelEvent[] {
  const changes = [{ field, value }]
  const body = { entry: [{ id: sender.wabaId, time: seconds, changes }] }
  const items: unknown[] = JSON.parse(JSON.stringify(splitWebhook(body)))
  return items.map((item) => translateItem(item, { now, uuid: () => mediaId }))
}
const eventOf = (field: string, value: object) => eventsOf(field, value)[0]
const written = (fields: object) =>
  eventOf('messages', {
    metadata,
    messages: [{ id: 'wamid.1', timestamp: String(seconds), from: '5511987654321', ...fields }],
  })

describe('messages about messages and persons', () => {
  it('an edit names the message that it changes', () => {
    const image = { id: 'm2', mime_type: 'image/png', caption: 'Nova' }
    const edit = { original_message_id: 'wamid.0', message: { type: 'image', image } }
    expect(written({ type: 'edit', edit })).toMatchObject({
      kind: 'inbound',
      providerMessageId: 'wamid.1',
      content: { type: 'other', providerType: 'edit' },
      amends: {
        kind: 'edit',
        providerMessageId: 'wamid.0',
        content: { type: 'image', mediaId, caption: 'Nova' },
        file: { providerMediaId: 'm2' },
      },
    })
  })

  it('a revoke names the message that it takes back', () => {
    const event = written({ type: 'revoke', revoke: { original_message_id: 'wamid.0' } })
    expect(event).toHaveProperty('amends', { kind: 'revoke', providerMessageId: 'wamid.0' })
  })

  it.each([{ type: 'edit', edit: {} }, { type: 'edit' }, { type: 'revoke', revoke: 'x' }])(
    '%j, which names none, is kept whole',
    (fields) => {
      const event = written(fields)
      expect(event).toMatchObject({ content: { type: 'other', providerType: fields.type } })
      expect(event).not.toHaveProperty('amends')
    },
  )

  it('a reaction answers the message that it is on', () => {
    const reaction = { message_id: 'wamid.0', emoji: '❤️' }
    expect(written({ type: 'reaction', reaction })).toMatchObject({ replyTo: 'wamid.0' })
  })

  it('a changed number and user id', () => {
    const system = {
      type: 'user_changed_number',
      body: 'mudou',
      wa_id: '5511900000001',
      user_id: 'BR.2',
      previous_user_id: 'BR.1',
      parent_user_id: 'BR.ENT.9',
    }
    expect(written({ type: 'system', system })).toMatchObject({
      from: { waId: '5511987654321', userId: 'BR.1' },
      nowKnownAs: { waId: '5511900000001', userId: 'BR.2', parentUserId: 'BR.ENT.9' },
      content: { type: 'system', event: 'number-changed', text: 'mudou' },
    })
    const changedId = { type: 'user_changed_user_id', user_id: 'BR.2', previous_user_id: 'BR.1' }
    expect(written({ from: undefined, type: 'system', system: changedId })).toMatchObject({
      from: { userId: 'BR.1' },
      nowKnownAs: { userId: 'BR.2' },
    })
  })

  it('keeps how it came: forwarded, from an advertisement, about a product', () => {
    const event = written({
      type: 'text',
      text: { body: 'Oi' },
      context: {
        frequently_forwarded: true,
        forwarded: 'x',
        referred_product: { catalog_id: '7', product_retailer_id: 'sku' },
      },
      referral: {
        source_url: 'https://fb.me/1',
        source_type: 'ad',
        headline: 'a\u0000b',
        body: 'x'.repeat(5000),
        ctwa_clid: 'click',
        welcome_message: { text: 'Olá' },
      },
    })
    expect(event).toHaveProperty('metadata', {
      frequentlyForwarded: true,
      referral: {
        sourceUrl: 'https://fb.me/1',
        sourceType: 'ad',
        headline: 'ab',
        body: 'x'.repeat(1000),
        clickId: 'click',
        welcomeText: 'Olá',
      },
      referredProduct: { catalogId: '7', productRetailerId: 'sku' },
    })
    expect(written({ type: 'text', context: { id: 'wamid.0' } })).not.toHaveProperty('metadata')
  })

  it('a message of the business itself', () => {
    const echo = {
      id: 'wamid.e',
      from: '551140000000',
      to: '5511987654321',
      timestamp: String(seconds),
      type: 'text',
      text: { body: 'Bom dia' },
    }
    const value = { metadata, message_echoes: [echo, { ...echo, to: undefined }] }
    const [event, nobody] = eventsOf('smb_message_echoes', value)
    expect(event).toEqual({
      kind: 'echo',
      channel: 'WHATSAPP',
      sender,
      providerMessageId: 'wamid.e',
      to: { waId: '5511987654321' },
      occurredAt,
      content: { type: 'text', text: 'Bom dia' },
    })
    expect(nobody).toMatchObject({ kind: 'other', reason: 'unknown-person' })
  })

  it.each([
    ['stop', false],
    ['resume', true],
  ])('a preference: %s', (value, wants) => {
    const told = { wa_id: '5511987654321', user_id: 'BR.1', category: 'marketing_messages', value }
    const preferences = [
      { ...told, timestamp: seconds },
      { ...told, category: 'x', timestamp: 1 },
    ]
    const [event, other] = eventsOf('user_preferences', { metadata, user_preferences: preferences })
    expect(event).toEqual({
      kind: 'preference',
      channel: 'WHATSAPP',
      sender,
      person: { waId: '5511987654321', userId: 'BR.1' },
      wants,
      occurredAt,
    })
    expect(other).toMatchObject({ kind: 'other', reason: 'malformed' })
  })

  it('prices of a report, as far as they are there', () => {
    const status = { id: 'wamid.o', timestamp: String(seconds), status: 'sent' }
    const pricing = { billable: true, pricing_model: 'PMP', type: 'regular', category: 'utility' }
    const reports = [{ ...status, pricing }, { ...status, pricing: { type: 5 } }, status]
    const events = eventsOf('messages', { metadata, statuses: reports })
    expect(events[0]).toMatchObject({
      pricing: { billable: true, model: 'PMP', type: 'regular', category: 'utility' },
    })
    expect(events[1]).not.toHaveProperty('pricing')
    expect(events[2]).not.toHaveProperty('pricing')
  })
})

const template = {
  message_template_id: 594425479261596,
  message_template_name: 'fatura_vencida',
  message_template_language: 'pt-BR',
}
const which = {
  wabaId: sender.wabaId,
  providerTemplateId: '594425479261596',
  name: 'fatura_vencida',
  language: 'pt_BR',
}

describe('news of templates', () => {
  const status = 'message_template_status_update'
  it.each([
    [status, { event: 'APPROVED', reason: 'NONE' }, 'info', { status: 'APPROVED' }],
    [status, { event: 'PAUSED', reason: 'LOW' }, 'warning', { status: 'PAUSED', reason: 'LOW' }],
    [
      status,
      { event: 'REJECTED', reason: `a\u0000${'b'.repeat(300)}` },
      'warning',
      { status: 'REJECTED', reason: `a${'b'.repeat(198)}` },
    ],
    [status, { event: 'DISABLED' }, 'critical', { status: 'DISABLED' }],
    [status, { event: 'REJECTED' }, 'warning', { status: 'REJECTED' }],
    [status, { event: 'REINSTATED' }, 'info', { status: 'APPROVED' }],
    [status, { event: 'FLAGGED' }, 'warning', {}],
    [status, { event: 'x'.repeat(40) }, 'warning', {}],
    [
      'message_template_quality_update',
      { new_quality_score: 'RED' },
      'warning',
      { quality: 'RED' },
    ],
    // Meta's own sample shows the field of another one.
    [status, { new_quality_score: 'GREEN' }, 'info', { quality: 'GREEN' }],
    [
      'message_template_components_update',
      { message_template_element: 'Oi' },
      'info',
      { isRewritten: true },
    ],
    [
      'template_category_update',
      { previous_category: 'UTILITY', new_category: 'MARKETING' },
      'warning',
      { category: 'MARKETING' },
    ],
    [
      'template_category_update',
      { correct_category: 'MARKETING', new_category: 'MARKETING', category_update_timestamp: 1 },
      'warning',
      {},
    ],
  ])('%s %j', (...row) => {
    const [field, value, severity, change] = row
    expect(eventOf(field, { ...template, ...value })).toMatchObject({
      kind: 'account',
      severity,
      subject: 'fatura_vencida pt_BR',
      occurredAt,
      sender: { wabaId: sender.wabaId },
    })
    expect(eventOf(field, { ...template, ...value })).toHaveProperty('template', {
      ...which,
      ...change,
    })
  })
})

describe('news of accounts and numbers', () => {
  it.each([
    ['account_alerts', { alert_info: { alert_severity: 'CRITICAL' } }, 'account-alert', 'critical'],
    ['account_alerts', { alert_info: { alert_severity: 'WARNING' } }, 'account-alert', 'warning'],
    ['account_alerts', { alert_info: 'x' }, 'account-alert', 'info'],
    ['account_update', { event: 'ACCOUNT_RESTRICTION' }, 'account-update', 'critical'],
    ['account_update', { event: 'PARTNER_ADDED' }, 'account-update', 'info'],
    ['account_review_update', { decision: 'REJECTED' }, 'account-review', 'warning'],
    ['account_review_update', { decision: 'APPROVED' }, 'account-review', 'info'],
    ['business_capability_update', { max_phone_numbers: 2 }, 'business-capability', 'info'],
    ['business_username_update', { username: 'x' }, 'business-username', 'info'],
    ['phone_number_quality_update', { event: 'FLAGGED' }, 'number-quality', 'warning'],
    ['phone_number_quality_update', { event: 'UNFLAGGED' }, 'number-quality', 'info'],
    ['phone_number_name_update', { decision: 'REJECTED' }, 'number-name', 'warning'],
    ['security', { event: 'PIN_CHANGED' }, 'security', 'warning'],
  ])('%s %j', (...row) => {
    const [field, value, topic, severity] = row
    const event = eventOf(field, { display_phone_number: '551140000000', ...value })
    expect(event).toMatchObject({ kind: 'account', topic, severity, subject: '551140000000' })
    expect(event).not.toHaveProperty('template')
  })

  it.each([
    [131042, 'critical'],
    [131016, 'warning'],
  ])('an error of the number itself: %d', (code, severity) => {
    expect(eventOf('messages', { metadata, errors: [{ code }] })).toMatchObject({
      kind: 'account',
      topic: 'account-error',
      severity,
      sender,
      raw: { payload: { code } },
    })
  })

  it('an unknown field stays what it is', () => {
    expect(eventOf('flows', {})).toMatchObject({ kind: 'other', reason: 'unknown-field' })
  })
})
