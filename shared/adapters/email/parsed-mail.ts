import PostalMime, { type Email } from 'postal-mime'

export interface ParsedMail {
  readonly email: Email
  /** Something of the mail was not looked at. */
  readonly isCut: boolean
}

/** The largest object that SES writes. */
const maxBytes = 40 * 1024 * 1024
/** 25 MB in base64 are 450,000, read in a second. */
const maxLines = 450_000
/**
 * Lines that base64 does not have. The parser keeps each one: 100,000 take a second of one core,
 * 600,000 eleven and 1.5 GB.
 */
const maxPlainLines = 60_000
/** Lines that could open a part; 100,000 parts took 6 s. */
const maxDelimiters = 5000
const maxHeaderBytes = 128 * 1024
const limits = {
  // A mail within a mail is a file, whatever it says of itself.
  forceRfc822Attachments: true,
  maxNestingDepth: 20,
  maxHeadersSize: 4 * maxHeaderBytes,
  attachmentEncoding: 'arraybuffer',
} as const

/**
 * The parts of a mail, in time and memory bounded by its size. A mail beyond the limits of lines and
 * parts is read up to there; one whose headers or nesting have no end by its first headers alone.
 */
export async function parseMail(raw: Uint8Array): Promise<ParsedMail> {
  const end = endOf(raw)
  const isCut = end < raw.byteLength
  try {
    return { email: await PostalMime.parse(raw.subarray(0, end), limits), isCut }
  } catch {
    return { email: await PostalMime.parse(headerOf(raw)), isCut: true }
  }
}

function endOf(raw: Uint8Array): number {
  const most = Math.min(raw.byteLength, maxBytes)
  let [lines, plainLines, delimiters, begin] = [0, 0, 0, 0]
  for (let end = raw.indexOf(lf); end >= 0 && end < most; end = raw.indexOf(lf, begin)) {
    lines += 1
    if (isPlain(raw, begin, end)) plainLines += 1
    if (raw[begin] === dash && raw[begin + 1] === dash) delimiters += 1
    begin = end + 1
    if (lines > maxLines || plainLines > maxPlainLines || delimiters > maxDelimiters) return begin
  }
  return most
}

const lf = 0x0a
const dash = 0x2d
const space = 0x20
const base64Length = 60

/** Shorter than lines of base64, or with a space in it. */
function isPlain(raw: Uint8Array, begin: number, end: number): boolean {
  if (end - begin < base64Length) return true
  return raw.subarray(begin, begin + base64Length).includes(space)
}

/** Whole lines before the first empty one. */
function headerOf(raw: Uint8Array): Uint8Array {
  const head = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, maxHeaderBytes))
  const ends = ['\n\r\n', '\n\n'].map((blank) => head.indexOf(blank)).filter((at) => at >= 0)
  return head.subarray(0, (ends.length > 0 ? Math.min(...ends) : head.lastIndexOf('\n')) + 1)
}
