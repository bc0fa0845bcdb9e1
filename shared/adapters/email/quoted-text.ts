/** Lines that only `html-text.ts` writes: no text that was read holds control characters. */
export const quoteMark = '\u001equote'
export const restMark = '\u001erest'

export interface SplitText {
  /** What was newly written. */
  readonly text: string
  /** All other lines in their order: what is answered or forwarded, and signatures. */
  readonly quoted: string
}

/** Longer lines are nobody's attribution; they are looked at so far. */
const looked = 400
const mostAttributionLines = 4

const quotedLine = /^\s{0,3}>/
const originalMark =
  /^\s*-{2,}\s*(?:mensagem original|original message|mensaje original)\s*-{2,}\s*$/i
const forwardMark =
  /^\s*(?:-{2,}\s*(?:mensagem encaminhada|forwarded message|mensaje reenviado)\s*-{2,}|(?:begin forwarded message|in[ií]cio da mensagem (?:encaminhada|reenviada)):)\s*$/i
const rule = /^\s*_{10,}\s*$/
const headerBegin = /^\s*\*?(?:de|from)\s?:\s?\*?\s?\S/i
const headerNext =
  /^\s*\*?(?:enviad[ao](?: em| el)?|sent|date|data|fecha|para|to|cc|assunto|subject|asunto)\s?:/i
const attributionBegin = /^\s*(?:em|on|no dia|el)\s/i
const attributionEnd = /(?:escreveu|escreveram|wrote|escribió)\s?:\s*$/i
/** `Ana <ana@x.com> escreveu (segunda, 23/11/2026 à(s) 09:00):` */
const nameFirst = /<[^<>\s]{3,254}>\s(?:escreveu|wrote)\b[^:]{0,60}(?:\d\d?:\d\d[^:]{0,20})?:\s*$/i
/** A clock's time or an address: what a sentence such as "Em resumo, ele escreveu:" lacks. */
const attributionProof = /\d[:h]\d\d|@/
const signatureMark = /^--\s?$/
/** `Enviado do meu iPhone`, `Sent from Yahoo Mail on Android`: a product, or a telephone at the end. */
const device =
  /^\s*(?:enviad[oa] (?:do|da|de|pelo|via|usando)|sent (?:from|via|with))\s(?:(?:o|meu|minha|my|the)\s)?(?:[\p{L}\d]+\s){0,2}(?:(?:iphone|ipad|android|samsung|galaxy|motorola|moto|xiaomi|redmi|huawei|blackberry|outlook|yahoo|gmail|proton ?mail|e?-?mail (?:para|for) windows)\b.{0,50}|(?:celular|smartphone|telefone|dispositivo móvel|phone|mobile device)\.?)\s*$/iu
const getOutlook =
  /^\s*(?:obter|obtenha|baixe|get)(?: o)? (?:outlook|yahoo mail) (?:para|for)\s(?:ios|android|mac|windows|iphone)\b.{0,60}$/i

/**
 * Tells what somebody wrote from what their mail program put beside it: Gmail, Outlook, Apple Mail,
 * Thunderbird, Yahoo, in Portuguese, English and Spanish. Answers between or below quoted lines are
 * kept. A mail that forwards another without a word is all new.
 */
export function splitQuoted(whole: string): SplitText {
  const lines = whole.split('\n')
  const isRest = markQuoted(lines)
  const isNew = (at: number) => isRest[at] !== true
  const isForward = lines.some((line) => forwardMark.test(line.slice(0, looked)))
  if (isForward && lines.every((line, at) => !isNew(at) || isBlank(line))) {
    return { text: tidy(lines, () => true), quoted: '' }
  }
  markSignature(lines, isRest)
  return { text: tidy(lines, isNew), quoted: tidy(lines, (at) => !isNew(at)) }
}

/** For each line, whether it is of another mail. */
function markQuoted(lines: readonly string[]): boolean[] {
  const isRest = lines.map((line) => quotedLine.test(line))
  for (let at = 0; at < lines.length; at += 1) {
    if (isRest[at] === true) continue
    const begin = quoteAt(lines, at)
    if (begin === undefined) continue
    if (begin === 'rest') return isRest.fill(true, at)
    isRest.fill(true, at, begin)
    at = begin - 1
  }
  return isRest
}

/**
 * What begins at a line: `rest`, when all that follows is of another mail, or the line after its
 * introduction, when the other mail's own lines are marked with `>`.
 */
function quoteAt(lines: readonly string[], at: number): 'rest' | number | undefined {
  const line = lineOf(lines, at)
  if (line === restMark || originalMark.test(line) || forwardMark.test(line)) return 'rest'
  if (isHeaderBlock(lines, at) || (rule.test(line) && isHeaderBlock(lines, at + 1))) return 'rest'
  const end = line === quoteMark ? at + 1 : attributionUntil(lines, at)
  if (end === undefined) return undefined
  const next = firstQuoted(lines, end)
  return next ?? 'rest'
}

/** The first line with `>` when only an introduction or nothing stands before it. */
function firstQuoted(lines: readonly string[], from: number): number | undefined {
  let seen = 0
  for (let at = from; at < lines.length && seen <= mostAttributionLines; at += 1) {
    const line = lineOf(lines, at)
    if (quotedLine.test(line)) return at
    if (!isBlank(line)) seen += 1
    if (seen > 0 && lineOf(lines, from - 1) !== quoteMark) return undefined
  }
  return undefined
}

/** The line after an attribution that begins here; programs break it over several lines. */
function attributionUntil(lines: readonly string[], from: number): number | undefined {
  const first = lineOf(lines, from)
  if (isAttributionOf(first, nameFirst)) return from + 1
  if (!attributionBegin.test(first)) return undefined
  let joined = ''
  for (let at = from; at < from + mostAttributionLines; at += 1) {
    const line = lineOf(lines, at)
    if (isBlank(line)) return undefined
    joined = `${joined} ${line}`
    if (isAttributionOf(joined, attributionEnd)) return at + 1
  }
  return undefined
}

function isAttributionOf(text: string, end: RegExp): boolean {
  return end.test(text) && attributionProof.test(text)
}

/** `De: … Enviada em: … Para: …`, as Outlook writes above what is answered. */
function isHeaderBlock(lines: readonly string[], from: number): boolean {
  let at = from
  while (at < from + 2 && isBlank(lineOf(lines, at))) at += 1
  if (!headerBegin.test(lineOf(lines, at))) return false
  const next = Array.from({ length: 8 }, (_, offset) => lineOf(lines, at + 1 + offset))
  return next.filter((line) => headerNext.test(line)).length >= 2
}

/** A signature ends what was written; one that a telephone adds is its last line. */
function markSignature(lines: readonly string[], isRest: boolean[]): void {
  const kept = [...lines.keys()].filter((at) => isRest[at] !== true && isText(lineOf(lines, at)))
  const mark = kept.findIndex((at) => signatureMark.test(lineOf(lines, at)))
  const written = mark < 0 ? kept : kept.slice(0, mark)
  const last = written.findLast((at) => !isBlank(lineOf(lines, at)))
  const dropped = mark < 0 ? [] : kept.slice(mark)
  if (last !== undefined && isOfDevice(lineOf(lines, last))) dropped.push(last)
  for (const at of dropped) isRest[at] = true
}

function isOfDevice(line: string): boolean {
  return device.test(line) || getOutlook.test(line)
}

function lineOf(lines: readonly string[], at: number): string {
  return (lines[at] ?? '').slice(0, looked).replaceAll('\u00a0', ' ')
}

function isBlank(line: string): boolean {
  return line.trim() === ''
}

/** Not a mark of ours. */
function isText(line: string): boolean {
  return !line.startsWith('\u001e')
}

/** The chosen lines, with one empty line where others stood or several empty ones did. */
function tidy(lines: readonly string[], isChosen: (at: number) => boolean): string {
  const tidied: string[] = []
  for (const [at, line] of lines.entries()) {
    const shown = isChosen(at) && isText(line) ? line.trimEnd() : ''
    if (shown !== '' || (tidied.at(-1) ?? '') !== '') tidied.push(shown)
  }
  return tidied.join('\n').trim()
}
