import { GraphError } from './graph-error.ts'
import { checkVersion } from './graph-version.ts'
import { messageHistory } from './history.ts'
import type { Answer, Exchange, Route } from './http-server.ts'
import type { Media } from './media.ts'
import { unknownObject } from './numbers.ts'
import { handleSend } from './send.ts'
import type { Simulation } from './simulation.ts'

const version = String.raw`^(?:/(?<version>v\d+\.\d+))?`

/** What a program that talks to graph.facebook.com finds here. */
export function graphRoutes(simulation: Simulation): Route[] {
  const graph = (handle: Handle) => (exchange: Exchange) => guarded(simulation, exchange, handle)
  return [
    {
      method: 'POST',
      path: new RegExp(`${version}/(?<phoneNumberId>[^/]+)/messages$`),
      handle: (exchange) => handleSend(simulation, exchange),
    },
    {
      method: 'GET',
      path: new RegExp(`${version}/(?<phoneNumberId>[^/]+)/message_history$`),
      handle: graph(messageHistory),
    },
    {
      method: 'GET',
      path: new RegExp(`${version}/(?<wabaId>[^/]+)/message_templates$`),
      handle: graph(listTemplates),
    },
    {
      method: 'POST',
      path: new RegExp(`${version}/(?<phoneNumberId>[^/]+)/media$`),
      handle: graph(uploadMedia),
    },
    {
      method: 'GET',
      path: /^\/whatsapp_business\/attachments\/$/,
      handle: graph(downloadMedia),
    },
    {
      method: 'GET',
      path: new RegExp(`${version}/(?<mediaId>\\d+)$`),
      handle: graph(resolveMedia),
    },
    {
      method: 'DELETE',
      path: new RegExp(`${version}/(?<mediaId>\\d+)$`),
      handle: graph(deleteMedia),
    },
  ]
}

type Handle = (simulation: Simulation, exchange: Exchange) => Answer | Promise<Answer>

async function guarded(simulation: Simulation, exchange: Exchange, handle: Handle) {
  try {
    checkVersion(exchange.params.version)
    return await handle(simulation, exchange)
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    return { status: error.httpStatus, json: error.envelope(simulation.random.traceId()) }
  }
}

function listTemplates(simulation: Simulation, { params, headers, url }: Exchange): Answer {
  const owned = simulation.numbers.ownedBy(headers.authorization)
  if (owned.every(({ wabaId }) => wabaId !== params.wabaId)) {
    throw unknownObject(params.wabaId ?? '')
  }
  const query = url.searchParams
  const wanted = (key: 'name' | 'language' | 'status' | 'category') => query.get(key)
  const found = simulation.templates
    .list()
    .filter(({ name }) => name.includes(wanted('name') ?? ''))
    .filter(({ language }) => language === (wanted('language') ?? language))
    .filter(({ status }) => status === (wanted('status') ?? status))
    .filter(({ category }) => category === (wanted('category') ?? category))
  return { status: 200, json: page(found, query) }
}

/** Cursor pages as Graph makes them. Throws GraphError 131059 on a cursor of another list. */
function page<Row extends { id: string }>(rows: readonly Row[], query: URLSearchParams): object {
  const limit = Number(query.get('limit') ?? 25)
  if (!Number.isInteger(limit) || limit < 1) throw new GraphError(100, 'limit must be positive')
  const after = query.get('after')
  const start = after === null ? 0 : rows.findIndex(({ id }) => cursorOf(id) === after) + 1
  if (after !== null && start === 0) throw new GraphError(131059)
  const shown = rows.slice(start, start + limit)
  const [first, last] = [shown[0], shown.at(-1)]
  if (!first || !last) return { data: [] }
  const cursors = { before: cursorOf(first.id), after: cursorOf(last.id) }
  const hasMore = start + limit < rows.length
  return {
    data: shown,
    paging: { cursors, ...(hasMore ? { next: `?after=${cursors.after}` } : {}) },
  }
}

const cursorOf = (id: string) => Buffer.from(id).toString('base64url')

async function uploadMedia(
  simulation: Simulation,
  { params, headers, body }: Exchange,
): Promise<Answer> {
  const { phoneNumberId = '' } = params
  simulation.numbers.authorised(headers.authorization, phoneNumberId)
  const form = await readForm(headers['content-type'], body)
  if (form.get('messaging_product') !== 'whatsapp') {
    throw new GraphError(100, 'The parameter messaging_product is required')
  }
  const file = form.get('file')
  if (!(file instanceof File)) throw new GraphError(100, 'The parameter file is required')
  const type = form.get('type')
  const bytes = Buffer.from(await file.arrayBuffer())
  const mimeType = typeof type === 'string' && type !== '' ? type : file.type
  const media = simulation.media.add({ phoneNumberId, bytes, mimeType, origin: 'upload' })
  return { status: 200, json: { id: media.mediaId } }
}

async function readForm(contentType: string | undefined, body: Buffer): Promise<FormData> {
  try {
    const headers = { 'content-type': contentType ?? '' }
    return await new Response(new Uint8Array(body), { headers }).formData()
  } catch {
    throw new GraphError(100, 'The request body is not multipart/form-data')
  }
}

function resolveMedia(simulation: Simulation, exchange: Exchange): Answer {
  const media = ownedMedia(simulation, exchange)
  const path = simulation.media.addressOf(media, simulation.settings.mediaUrlSeconds)
  const json = {
    messaging_product: 'whatsapp',
    url: `${simulation.baseUrl}${path}`,
    mime_type: media.mimeType,
    sha256: media.sha256.toString('hex'),
    file_size: media.bytes.length,
    id: media.mediaId,
  }
  return { status: 200, json }
}

function deleteMedia(simulation: Simulation, exchange: Exchange): Answer {
  simulation.media.remove(ownedMedia(simulation, exchange).mediaId)
  return { status: 200, json: { success: true } }
}

function downloadMedia(simulation: Simulation, { headers, url }: Exchange): Answer {
  const owned = simulation.numbers.ownedBy(headers.authorization)
  const media = simulation.media.download(url.searchParams)
  if (!media || owned.every(({ phoneNumberId }) => phoneNumberId !== media.phoneNumberId)) {
    return { status: 404, bytes: 'URL signature expired', contentType: 'text/plain' }
  }
  return { status: 200, bytes: media.bytes, contentType: media.mimeType }
}

function ownedMedia(simulation: Simulation, { params, headers, url }: Exchange): Media {
  const { mediaId = '' } = params
  const owned = simulation.numbers.ownedBy(headers.authorization)
  const media = simulation.media.find(mediaId)
  const scope = url.searchParams.get('phone_number_id') ?? media?.phoneNumberId
  const isOwned = owned.some(({ phoneNumberId }) => phoneNumberId === media?.phoneNumberId)
  if (!media || !isOwned || scope !== media.phoneNumberId) throw unknownObject(mediaId)
  return media
}
