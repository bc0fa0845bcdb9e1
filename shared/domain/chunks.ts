export interface ChunkLimits {
  readonly maxItems: number
  readonly maxBytes: number
}

/**
 * Packs items into JSON arrays of at most `maxItems` and about `maxBytes` each, in their order.
 * A larger item stands alone.
 */
export function packChunks(items: readonly unknown[], limits: ChunkLimits): readonly string[] {
  const chunks: string[][] = []
  let bytes = 0
  for (const item of items) {
    const json = JSON.stringify(item) ?? 'null'
    const size = utf8Length(json) + 1
    const chunk = chunks.at(-1)
    if (chunk === undefined || chunk.length === limits.maxItems || bytes + size > limits.maxBytes) {
      chunks.push([json])
      bytes = size
    } else {
      chunk.push(json)
      bytes += size
    }
  }
  return chunks.map((chunk) => `[${chunk.join(',')}]`)
}

function utf8Length(text: string): number {
  let bytes = text.length
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1
  }
  return bytes
}
