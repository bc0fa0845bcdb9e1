import PostalMime, { type Email } from 'postal-mime'

export interface ParsedMail {
  readonly email: Email
  /** Something of the mail was not looked at. */
  readonly isCut: boolean
}

/** The largest object that SES writes. */
const maxBytes = 40 * 1024 * 1024
/** 40 MB of base64 are 540,000. The parser keeps each line: 2 million took 35 s and 3.5 GB. */
const maxLines = 600_000
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
  let lines = 0
  let delimiters = 0
  for (let at = raw.indexOf(lf); at >= 0 && at < most; at = raw.indexOf(lf, at + 1)) {
    lines += 1
    if (raw[at + 1] === dash && raw[at + 2] === dash) delimiters += 1
    if (lines > maxLines || delimiters > maxDelimiters) return at + 1
  }
  return most
}

const lf = 0x0a
const dash = 0x2d

/** Whole lines before the first empty one. */
function headerOf(raw: Uint8Array): Uint8Array {
  const head = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, maxHeaderBytes))
  const ends = ['\n\r\n', '\n\n'].map((blank) => head.indexOf(blank)).filter((at) => at >= 0)
  return head.subarray(0, (ends.length > 0 ? Math.min(...ends) : head.lastIndexOf('\n')) + 1)
}
