import * as z from 'zod'
import { shapeOfTemplate } from '../../domain/template-shape.ts'
import type {
  ListedTemplate,
  TemplateListing,
  TemplateSource,
} from '../../ports/template-source.ts'
import { boundedText } from './bounded-text.ts'
import { readError } from './error-table.ts'
import { parseJson, readRefusal } from './graph-answer.ts'
import type { CloudApiOptions } from './messages-call.ts'
import { safeJson } from './well-formed.ts'

/**
 * Meta allows 6,000 templates an account (facts: templates) and, to manage one, 200 calls an hour
 * (facts: limits): more pages than this are not read, and the list is not whole.
 */
const mostPages = 70
const pageSize = 100
/** Larger pages are no list of templates. */
const mostPageBytes = 8 * 1024 * 1024
/** A row of the database's answer holds 64 KB; Meta's own limits stay far below. */
const mostComponentBytes = 32 * 1024
const fields =
  'id,name,language,category,status,parameter_format,components,quality_score,rejected_reason'

const tokenCodes: readonly number[] = [0, 190]
/** A cursor that the list no longer knows: something changed while it was read. */
const staleCursorCode = 131059

const upper = (most: number) => z.string().min(1).max(most).toUpperCase()
const listed = z.looseObject({
  id: z.string().max(64).optional().catch(undefined),
  name: z.string().regex(/^[^\p{C}]{1,512}$/u),
  language: z.string().regex(/^\w{2,3}(?:[_-]\w{1,28})?$/),
  category: upper(32),
  status: upper(32),
  parameter_format: z
    .string()
    .toUpperCase()
    .pipe(z.enum(['POSITIONAL', 'NAMED']))
    .optional(),
  components: z.array(z.unknown()).default([]),
  quality_score: z
    .looseObject({ score: upper(16) })
    .optional()
    .catch(undefined),
  rejected_reason: z.string().max(200).optional().catch(undefined),
})
const page = z.looseObject({
  data: z.array(z.unknown()),
  paging: z
    .looseObject({
      cursors: z.looseObject({ after: z.string().min(1).max(2048).optional() }).optional(),
      next: z.string().optional(),
    })
    .optional()
    .catch({ next: 'unreadable' }),
})

interface Access {
  readonly token: string
  readonly signal: AbortSignal
}

type Failed = Exclude<TemplateListing, { outcome: 'listed' }>
type Page = { readonly outcome: 'page' } & z.output<typeof page>

/**
 * Lists an account's templates from `GET /{WABA}/message_templates`, page by page. Links to the next
 * page are never followed: its address is made here, of the cursor alone. A token that is refused is
 * read afresh once. `timeoutMs` is the limit of the whole list.
 */
export function makeTemplateSource(options: CloudApiOptions): TemplateSource {
  return {
    list: async ({ wabaId, secretName }) => {
      const signal = AbortSignal.timeout(options.timeoutMs)
      const listFresh = async (fresh: boolean): Promise<TemplateListing> => {
        const token = await options.token(secretName, { fresh }).catch(() => undefined)
        if (token === undefined) return { outcome: 'refused', reason: 'sender-token' }
        return listPages((after) => pageUrl(options, wabaId, after), {
          token: token.trim(),
          signal,
        })
      }
      const first = await listFresh(false)
      const refused = first.outcome === 'refused' && tokenCodes.includes(first.code ?? -1)
      return refused ? listFresh(true) : first
    },
  }
}

async function listPages(
  urlAfter: (cursor: string | undefined) => URL,
  access: Access,
): Promise<TemplateListing> {
  const seen = new Set<string>()
  const entries: unknown[] = []
  let after: string | undefined
  for (let pages = 0; pages < mostPages; pages += 1) {
    const answer = await readPage(urlAfter(after), access)
    if (answer.outcome !== 'page') return answer
    entries.push(...answer.data)
    if (answer.paging?.next === undefined) return listing(entries, true)
    after = answer.paging.cursors?.after
    if (after === undefined || seen.has(after)) break
    seen.add(after)
  }
  return listing(entries, false)
}

function pageUrl(options: CloudApiOptions, wabaId: string, after: string | undefined): URL {
  const base = options.graphUrl.replace(/\/+$/, '')
  const url = new URL(`${base}/${options.version}/${encodeURIComponent(wabaId)}/message_templates`)
  const limit = String(pageSize)
  url.search = new URLSearchParams({ fields, limit, ...(after && { after }) }).toString()
  return url
}

async function readPage(url: URL, { token, signal }: Access): Promise<Page | Failed> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      signal,
      redirect: 'error',
    })
    const body = await boundedText(response, mostPageBytes)
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
    return toPage(response.status, body, Number.isInteger(retryAfter) ? retryAfter : undefined)
  } catch {
    return { outcome: 'unavailable', reason: 'provider-unavailable' }
  }
}

function toPage(
  status: number,
  body: string,
  retryAfterSeconds: number | undefined,
): Page | Failed {
  const json = parseJson(body)
  const refusal = readRefusal(json)
  if (refusal !== undefined) {
    const { class: errorClass, reason } = readError(refusal.code, status, refusal.isTransient)
    if (errorClass === 'rate-limited') return { outcome: 'throttled', retryAfterSeconds }
    const mayAnswer = errorClass === 'retry' || refusal.code === staleCursorCode
    return mayAnswer
      ? { outcome: 'unavailable', reason }
      : { outcome: 'refused', reason, code: refusal.code }
  }
  if (status === 429) return { outcome: 'throttled', retryAfterSeconds }
  const parsed = status === 200 ? page.safeParse(json).data : undefined
  return parsed === undefined
    ? { outcome: 'unavailable', reason: 'provider-error' }
    : { outcome: 'page', ...parsed }
}

/** An entry without a name cannot be told from one that is gone, so the list is not whole. */
function listing(entries: readonly unknown[], wasEnd: boolean): TemplateListing {
  const parsed = entries.map((entry) => listed.safeParse(safeJson(entry)).data)
  const readable = parsed.filter((entry) => entry !== undefined)
  return {
    outcome: 'listed',
    templates: readable.map(toTemplate),
    isWhole: wasEnd && readable.length === entries.length,
  }
}

function toTemplate(entry: z.output<typeof listed>): ListedTemplate {
  const parameterFormat = entry.parameter_format ?? 'POSITIONAL'
  const fits = Buffer.byteLength(JSON.stringify(entry.components)) <= mostComponentBytes
  const components = fits ? entry.components : []
  const reason = entry.rejected_reason
  return {
    name: entry.name,
    // As sends and Meta's own list write it.
    language: entry.language.replace('-', '_'),
    providerTemplateId: entry.id,
    category: entry.category,
    status: entry.status,
    parameterFormat,
    components,
    shape: fits
      ? shapeOfTemplate({ components, parameterFormat })
      : { unsupported: ['components over 32 KB'] },
    quality: entry.quality_score?.score,
    reason: reason === 'NONE' ? undefined : reason,
  }
}
