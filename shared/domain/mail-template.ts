import type { Filled, Filling } from './bound-template.ts'
import type { MailBlock, MailSource } from './message-template.ts'
import { fillText, valueNamed } from './template-fill.ts'
import type { TemplateProblem } from './template-shape.ts'
import { valueProblems } from './template-source.ts'
import { type WrittenInstallment, writtenInstallment } from './template-values.ts'

/** A mail whose texts are final and plain: whoever puts them into HTML escapes them. */
export interface FilledMail {
  /** BCP 47. */
  readonly language: string
  /** One line of at most 250 characters. */
  readonly subject: string
  readonly preheader: string | undefined
  readonly blocks: readonly FilledBlock[]
}

export type FilledBlock =
  | Exclude<MailBlock, { readonly type: 'installments' }>
  | { readonly type: 'installments'; readonly rows: readonly WrittenInstallment[] }

const mostSubjectLength = 250

/**
 * What a source becomes. Refused where a value is missing or of another type (`variables.<name>`),
 * or where a button would lead to what is no https address (`blocks.<n>.url`).
 */
export function mailParts(source: MailSource, filling: Filling): Filled<FilledMail> {
  const missing = valueProblems(source, filling.values)
  if (missing.length > 0) return { outcome: 'refused', problems: missing }
  const { language, values } = filling
  const fill = (text: string) => fillText(text, values, { language })
  const blocks = source.blocks.map((block) => filledBlock(block, filling, fill))
  const problems = blocks.flatMap(addressProblems)
  if (problems.length > 0) return { outcome: 'refused', problems }
  const content: FilledMail = {
    language,
    subject: shortened(fill(source.subject)),
    preheader: source.preheader && fill(source.preheader),
    blocks,
  }
  return { outcome: 'filled', content }
}

/** The mail as plain text; `from` is whose mail it is. */
export function mailText({ blocks }: FilledMail, from: string | undefined): string {
  return [...blocks.map(blockText), ...(from === undefined ? [] : [`--\n${from}`])].join('\n\n')
}

function filledBlock(
  block: MailBlock,
  filling: Filling,
  fill: (text: string) => string,
): FilledBlock {
  switch (block.type) {
    case 'heading':
    case 'paragraph':
      return { ...block, text: fill(block.text) }
    case 'button':
      return { ...block, label: fill(block.label), url: filledAddress(block.url, filling) }
    case 'facts':
      return {
        ...block,
        rows: block.rows.map(({ label, value }) => ({ label: fill(label), value: fill(value) })),
      }
    case 'installments':
      return { type: 'installments', rows: writtenRows(block.variable, filling) }
    case 'code':
      return { ...block, label: fill(block.label), value: fill(block.value) }
    case 'divider':
      return block
  }
}

function writtenRows(variable: string, { values, language }: Filling) {
  const list = valueNamed(values, variable)
  const installments =
    typeof list === 'object' && list.type === 'installments' ? list.installments : []
  return installments.map((installment) => writtenInstallment(installment, language))
}

const leadingPlaceholder = /^\{\{[^{}]*\}\}/

/**
 * A value that an address begins with is an address itself; one further on is a part of it and cannot
 * add to its structure.
 */
function filledAddress(url: string, { values, language }: Filling): string {
  const [address = ''] = leadingPlaceholder.exec(url) ?? []
  const rest = url.slice(address.length)
  return (
    fillText(address, values, { language }) +
    fillText(rest, values, { language, escape: encodeURIComponent })
  )
}

/** What is wrong with an address of a source, in English, for programmers; undefined: nothing. */
export function addressFault(url: string): string | undefined {
  return leadingPlaceholder.test(url) || /^https:\/\/[^\s{}/?#\\@]+(?:[/?#][^\s\\]*)?$/i.test(url)
    ? undefined
    : 'must begin with https:// and a host, or with a placeholder'
}

function addressProblems(block: FilledBlock, place: number): readonly TemplateProblem[] {
  return block.type !== 'button' || isSafeAddress(block.url)
    ? []
    : [{ path: `blocks.${place}.url`, message: 'must be an https address once it is filled' }]
}

/** Credentials in an address are there to deceive who reads it. */
function isSafeAddress(address: string): boolean {
  if (!/^https:\/\/[^\s\\]+$/i.test(address)) return false
  const url = URL.parse(address)
  return url?.protocol === 'https:' && url.username === '' && url.password === ''
}

function shortened(subject: string): string {
  if (subject.length <= mostSubjectLength) return subject
  const kept = subject.slice(0, mostSubjectLength - 1)
  // Half a surrogate pair is no text.
  return `${kept.isWellFormed() ? kept : kept.slice(0, -1)}…`
}

function blockText(block: FilledBlock): string {
  switch (block.type) {
    case 'heading':
    case 'paragraph':
      return block.text
    case 'button':
      return `${block.label}: ${block.url}`
    case 'facts':
      return block.rows.map(({ label, value }) => `${label}: ${value}`).join('\n')
    case 'installments':
      return block.rows
        .map(({ place, dueOn, amount }) => `${place} – ${dueOn} – ${amount}`)
        .join('\n')
    case 'code':
      return `${block.label}:\n${block.value}`
    case 'divider':
      return '---'
  }
}
