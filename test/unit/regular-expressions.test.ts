import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseSync } from 'oxc-parser'
import { isSafe } from 'redos-detector'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

interface Found {
  readonly file: string
  readonly pattern: string
  readonly flags: string
}

/** Every regular expression that stands in the code that runs in production. */
function expressions(): readonly Found[] {
  const found: Found[] = []
  for (const file of globSync('{shared,functions,infra/ops}/**/*.ts', { cwd: root })) {
    const { program } = parseSync(file, readFileSync(resolve(root, file), 'utf8'))
    JSON.stringify(program, (_, node) => {
      if (node?.type === 'Literal' && node.regex) found.push({ file, ...node.regex })
      return typeof node === 'bigint' ? undefined : node
    })
  }
  return found
}

/**
 * Those whose work grows with the square of what they read, or that the detector cannot read, with
 * what bounds their input. Whoever adds one must name its bound.
 */
const bounded: Readonly<Record<string, string>> = {
  'infra/ops/billing.ts': 'an address that an operator types',
  'shared/adapters/email/layout/mail-layout.ts': 'layouts of ours',
  'shared/domain/billing/billing-lint.ts': 'a template, 12 KB',
  'shared/domain/billing/pix-key.ts': 'a key of 77 characters',
  'shared/domain/billing/wording-lint.ts': 'a template, 12 KB',
  'shared/domain/billing/wording-rules.ts': 'a template, 12 KB',
  'shared/domain/template-placeholders.ts': 'a template, 12 KB',
  'shared/domain/opt-out.ts': 'a text of 4,096 characters',
  'shared/domain/template-shape.ts': "Meta's copy of a template: 1,024 characters a part",
  'shared/contracts/content/reaction.ts': 'the detector knows no flag v; anchored, one character',
  'shared/adapters/whatsapp/history-probe.ts': 'a setting of the deployment',
  'shared/adapters/whatsapp/media-upload.ts': 'a setting of the deployment',
  'shared/adapters/whatsapp/media.ts': 'a setting of the deployment',
  'shared/adapters/whatsapp/messages-call.ts': 'a setting of the deployment',
  'shared/adapters/whatsapp/template-list.ts': 'a setting of the deployment',
  'shared/adapters/whatsapp/send-payload.ts': 'a number that was written with 7 decimals',
  'shared/adapters/email/mail-origin.ts': '2,000 characters of an author, 200 of a name',
  'shared/adapters/email/notice-parts.ts': '1,000 characters of an address',
  'shared/adapters/email/quoted-text.ts': '400 characters of a line, 4 lines of an attribution',
  'shared/adapters/database/data-api.ts': "an error's text from AWS",
}

function isLinear({ pattern, flags }: Found): boolean {
  try {
    return isSafe(new RegExp(pattern, flags), { maxSteps: 20_000, timeout: Infinity }).safe
  } catch {
    return false
  }
}

describe('regular expressions on input', () => {
  const all = expressions()

  it('are found where there are some', () => {
    expect(all.length).toBeGreaterThan(100)
  })

  it('take no longer than their input is long, or read only what is bounded', () => {
    const slow = [...Map.groupBy(all, ({ file }) => file)].flatMap(([file, found]) =>
      found.every(isLinear) ? [] : [file],
    )
    expect(slow.sort()).toEqual(Object.keys(bounded).sort())
    // The detector takes some 15 s of a core.
  }, 180_000)

  it.each([/^(a+)+$/, /^(?:\w+\s?)*$/])('would find %s', ({ source, flags }) => {
    expect(isLinear({ file: '', pattern: source, flags })).toBe(false)
  })
})
