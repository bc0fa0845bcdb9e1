import { describe, expect, it } from 'vitest'
import type { MessageContent } from '#shared/domain/content.ts'
import { previewOf } from '#shared/domain/preview.ts'

const rows: readonly (readonly [MessageContent, string | undefined])[] = [
  [{ type: 'text', text: 'Olá, Ana' }, 'Olá, Ana'],
  [{ type: 'text', text: '' }, undefined],
  [{ type: 'image', mediaId: 'm', caption: 'O boleto' }, 'O boleto'],
  [{ type: 'document', mediaId: 'm', filename: 'boleto.pdf' }, 'boleto.pdf'],
  [{ type: 'audio', mediaId: 'm' }, undefined],
  [{ type: 'location', latitude: 1, longitude: 2, name: 'Loja' }, 'Loja'],
  [{ type: 'location', latitude: 1, longitude: 2 }, undefined],
  [{ type: 'reaction', emoji: '👍' }, '👍'],
  [{ type: 'reaction', emoji: '' }, undefined],
  [{ type: 'reply', kind: 'button', id: '1', title: 'Pagar' }, 'Pagar'],
  [{ type: 'contacts', contacts: [{ name: { formattedName: 'Bia' } }] }, 'Bia'],
  [{ type: 'contacts', contacts: [] }, undefined],
  [{ type: 'system', event: 'other', text: 'Mudou' }, 'Mudou'],
  [{ type: 'unsupported' }, undefined],
  [{ type: 'other', providerType: 'poll', raw: {} }, undefined],
]

describe('a preview', () => {
  it.each(rows)('of %j is %j', (content, preview) => {
    expect(previewOf(content)).toBe(preview)
  })

  it('has 160 characters at most, none of them half', () => {
    const faces = '😀'.repeat(200)
    expect(previewOf({ type: 'text', text: faces })).toBe('😀'.repeat(160))
    expect(previewOf({ type: 'text', text: 'a'.repeat(161) })).toBe('a'.repeat(160))
    const mixed = previewOf({ type: 'text', text: `a${faces}` })
    expect(mixed?.isWellFormed()).toBe(true)
    expect([...(mixed ?? '')]).toHaveLength(160)
  })
})
