import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { authorsOfItem } from '#shared/adapters/whatsapp/webhook-authors.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'

const metadata = { display_phone_number: '551140000000', phone_number_id: '106540000000001' }
const ana = { profile: { name: 'Ana' }, wa_id: '5511987654321', user_id: 'BR.1349' }
const message = { from: ana.wa_id, from_user_id: ana.user_id, id: 'wamid.A', type: 'text' }
const itemsOf = (value: unknown, field = 'messages') =>
  splitWebhook({ entry: [{ id: '1', changes: [{ field, value }] }] })

/** As `kind value`, in order. */
const named = (item: unknown) =>
  authorsOfItem(item)
    .map(({ kind, value }) => `${kind} ${value}`)
    .sort()

describe('whom a webhook item names', () => {
  it.each([
    [
      'the writer of a message, with a contact or without one',
      itemsOf({ metadata, contacts: [ana], messages: [message] }),
      ['phone 5511987654321', 'user-id BR.1349'],
    ],
    [
      'the writer in a group, and nobody whom they quote',
      itemsOf({
        metadata,
        messages: [
          { ...message, group_id: 'G1', context: { id: 'wamid.B', from: '5511911111111' } },
        ],
      }),
      ['phone 5511987654321', 'user-id BR.1349'],
    ],
    [
      'the recipient of a report that nobody can read',
      itemsOf({
        metadata,
        statuses: [
          {
            id: 'wamid.C',
            status: 'levitated',
            recipient_id: ana.wa_id,
            recipient_user_id: ana.user_id,
            recipient_parent_user_id: 'BR.ENT.1',
          },
        ],
      }),
      ['parent-user-id BR.ENT.1', 'phone 5511987654321', 'user-id BR.1349'],
    ],
    [
      'whom an echo went to, and not ourselves',
      itemsOf(
        { metadata, message_echoes: [{ from: '551140000000', to: ana.wa_id, id: 'wamid.D' }] },
        'smb_message_echoes',
      ),
      ['phone 5511987654321'],
    ],
    [
      'who takes back a wish, and what a number was called before',
      itemsOf(
        {
          metadata,
          user_preferences: [{ ...ana, category: 'x', system: { previous_user_id: 'o' } }],
        },
        'user_preferences',
      ),
      ['phone 5511987654321', 'user-id BR.1349', 'user-id o'],
    ],
    [
      'all of a change of a field that we do not know',
      itemsOf({ messages: [message, { ...message, from: '14155550100' }] }, 'new_field'),
      ['phone 14155550100', 'phone 5511987654321', 'user-id BR.1349'],
    ],
    [
      'the writer of a business card, and not whose card it is',
      itemsOf({
        metadata,
        messages: [
          { ...message, type: 'contacts', contacts: [{ phones: [{ wa_id: '5511922222222' }] }] },
        ],
      }),
      ['phone 5511987654321', 'user-id BR.1349'],
    ],
    [
      'nobody in what is of another form',
      [{ from: 7, wa_id: '+55 11', user_id: '' }, 'x', null],
      [],
    ],
  ])('%s', (_, items, expected) => {
    expect(named(items)).toEqual(expected)
  })

  it('is told of a hundred at most, and of a body of any size', () => {
    const many = Array.from({ length: 200_000 }, (_, index) => ({ wa_id: String(index) }))
    expect(authorsOfItem({ payload: { messages: many } })).toHaveLength(100)
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => Array.isArray(authorsOfItem(value))))
  })
})
