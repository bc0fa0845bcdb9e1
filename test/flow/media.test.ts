import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoTenant } from '#infra/local/demo-tenants.ts'
import { addInboundMedia, stackSealer } from '#test/support/media.ts'
import { type Answer, type Flow, startFlow, until } from '#test/support/stack.ts'

const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(12 * 1024 * 1024, '-')])
const png = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.alloc(50_000, 'p'),
])
const hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

interface Upload {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly expiresAt: string
}

describe('files', () => {
  let flow: Flow

  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow.stop())

  const wanted = (more: object = {}) => ({
    kind: 'document',
    mimeType: 'application/pdf',
    sizeBytes: pdf.length,
    sha256: hex(pdf),
    filename: 'Boleto de março.pdf',
    ...more,
  })
  const create = (body: unknown, more: object = {}) => flow.ask('POST /media', { body, ...more })
  const complete = (mediaId: unknown) => flow.ask(`POST /media/${mediaId}/complete`)
  const read = (mediaId: unknown, more = {}) => flow.ask(`GET /media/${mediaId}`, more)
  const uploadOf = ({ json }: Answer) => json?.upload as Upload
  async function put({ url, headers }: Upload, bytes: Uint8Array<ArrayBuffer>) {
    const { 'content-length': _, ...rest } = headers
    return (await fetch(url, { method: 'PUT', headers: rest, body: bytes })).status
  }
  async function download(mediaId: unknown) {
    const { json = {} } = await read(mediaId)
    const response = await fetch((json.download as { url: string }).url)
    return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
  }

  describe('that a program brings', () => {
    it('are put to the address, checked, and read back as an attachment', async () => {
      const created = await create(wanted())
      const { mediaId } = created.json ?? {}
      expect(created).toMatchObject({
        status: 201,
        json: { state: 'PENDING', upload: { method: 'PUT' } },
      })
      expect(created.headers.get('location')).toBe(`/media/${mediaId}`)
      expect(await put(uploadOf(created), pdf)).toBe(200)
      expect(await complete(mediaId)).toMatchObject({ status: 200, json: { state: 'STORED' } })
      expect((await read(mediaId)).json).toEqual({
        mediaId,
        kind: 'document',
        state: 'STORED',
        mimeType: 'application/pdf',
        sizeBytes: pdf.length,
        filename: 'Boleto de março.pdf',
        createdAt: expect.any(String),
        download: { url: expect.any(String), expiresAt: expect.any(String) },
      })
      const { headers, bytes } = await download(mediaId)
      expect(bytes.equals(pdf)).toBe(true)
      expect(headers.get('content-type')).toBe('application/pdf')
      expect(headers.get('content-disposition')).toBe(
        `attachment; filename="Boleto de mar_o.pdf"; filename*=UTF-8''Boleto%20de%20mar%C3%A7o.pdf`,
      )
      expect(await complete(mediaId)).toMatchObject({ status: 200, json: { state: 'STORED' } })
    })

    it('are not changed by what is put to the address later', async () => {
      const bytes = Buffer.from('%PDF-1.7 the first')
      const created = await create(wanted({ sizeBytes: bytes.length, sha256: undefined }))
      const { mediaId } = created.json ?? {}
      expect(await put(uploadOf(created), bytes)).toBe(200)
      expect((await complete(mediaId)).status).toBe(200)
      expect(await put(uploadOf(created), Buffer.from('%PDF-1.7 the other'))).toBe(200)
      expect((await complete(mediaId)).status).toBe(200)
      expect((await download(mediaId)).bytes.toString()).toBe('%PDF-1.7 the first')
    })

    it('are not ready before anything was put: 409 media-not-ready', async () => {
      const { mediaId } = (await create(wanted())).json ?? {}
      expect(await complete(mediaId)).toMatchObject({
        status: 409,
        json: { code: 'media-not-ready', retryable: true },
      })
      expect((await read(mediaId)).json).toMatchObject({ state: 'PENDING' })
    })

    it.each([
      ['a page called a PDF', Buffer.from('<html><script>'), {}],
      ['an image called a PDF', png, {}],
      ['a static sticker over 100 KB', webp(150_000), { kind: 'sticker', mimeType: 'image/webp' }],
    ])('%s: 422 media-mismatch, for good', async (_, bytes, more) => {
      const declared = { sizeBytes: bytes.length, sha256: hex(bytes), ...more }
      const created = await create(wanted(declared))
      const { mediaId } = created.json ?? {}
      expect(await put(uploadOf(created), bytes)).toBe(200)
      for (const answer of [await complete(mediaId), await complete(mediaId)]) {
        expect(answer).toMatchObject({ status: 422, json: { code: 'media-mismatch' } })
      }
      const { json } = await read(mediaId)
      expect(json).toMatchObject({ state: 'FAILED', reason: 'media-mismatch' })
      expect(json).not.toHaveProperty('download')
    })

    it('a request that is repeated with its key names the same file', async () => {
      const headers = { 'idempotency-key': 'boleto-8812' }
      const [first, second] = [
        await create(wanted(), { headers }),
        await create(wanted(), { headers }),
      ]
      expect(second.json?.mediaId).toBe(first.json?.mediaId)
      expect(await create(wanted({ sizeBytes: 5 }), { headers })).toMatchObject({
        status: 422,
        json: { code: 'idempotency-key-mismatch' },
      })
    })

    it('one database call makes one, two complete it', async () => {
      const bytes = Buffer.from('%PDF-1.7')
      const body = wanted({ sizeBytes: bytes.length, sha256: hex(bytes) })
      const warm = await create(body)
      await put(uploadOf(warm), bytes)
      await complete(warm.json?.mediaId)
      flow.stack.dataApi?.resetCalls()
      const created = await create(body)
      expect(callCount()).toBe(1)
      await put(uploadOf(created), bytes)
      await complete(created.json?.mediaId)
      expect(callCount()).toBe(3)
      await read(created.json?.mediaId)
      expect(callCount()).toBe(4)
    })

    it.each([
      ['a type of another kind', { kind: 'image' }, 'mimeType'],
      ['a type that Meta does not take', { mimeType: 'image/svg+xml' }, 'mimeType'],
      ['over 100 MB', { sizeBytes: 100 * 1024 * 1024 + 1 }, 'sizeBytes'],
      ['an image over 5 MB', { kind: 'image', mimeType: 'image/png' }, 'sizeBytes'],
      ['no bytes', { sizeBytes: 0 }, 'sizeBytes'],
      ['half a byte', { sizeBytes: 1.5 }, 'sizeBytes'],
      ['an unknown kind', { kind: 'gif' }, 'kind'],
      ['a hash that is none', { sha256: 'abc' }, 'sha256'],
      ['a name of two lines', { filename: 'a\nb' }, 'filename'],
      ['an address', { url: 'http://169.254.169.254/' }, 'url'],
    ])('%s: 422 with the path', async (_, more, path) => {
      const { status, json } = await create(wanted(more))
      expect({ status, code: json?.code }).toEqual({ status: 422, code: 'invalid-body' })
      expect(json?.errors).toEqual(expect.arrayContaining([expect.objectContaining({ path })]))
    })
  })

  describe('walls', () => {
    it("another tenant's file does not exist", async () => {
      const { mediaId } = (await create(wanted())).json ?? {}
      const token = flow.stack.ready.otherTenantToken
      const answers = [
        await read(mediaId, { token }),
        await flow.ask(`POST /media/${mediaId}/complete`, { token }),
      ]
      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 404, json: { code: 'media-not-found' } })
      }
    })

    it.each(['1', 'x', '..%2F1', '00000000-0000-0000-0000-000000000000'])(
      'there is no file %s',
      async (mediaId) => {
        expect(await read(mediaId)).toMatchObject({
          status: 404,
          json: { code: 'media-not-found' },
        })
      },
    )

    it('nothing is had without a token', async () => {
      expect((await create(wanted(), { token: null })).status).toBe(401)
      expect((await read('1', { token: null })).status).toBe(401)
    })
  })

  describe('that people send', () => {
    it('are fetched from Meta into the bucket, and read back byte for byte', async () => {
      const [file] = await received(png, 'image/png')
      await flow.stack.pool.invoke('relay', {})
      const shown = await until(
        () => read(file),
        ({ json }) => json?.state !== 'PENDING',
      )
      expect(shown.json).toMatchObject({
        kind: 'image',
        state: 'STORED',
        mimeType: 'image/png',
        sizeBytes: png.length,
        filename: 'foto da Ana.jpg',
      })
      expect((await download(file)).bytes.equals(png)).toBe(true)
      expect(await complete(file)).toMatchObject({ status: 404 })
    })

    it('are FAILED where Meta no longer has them', async () => {
      const [file, providerMediaId] = await received(png, 'image/png')
      await graph('DELETE', providerMediaId)
      await flow.stack.pool.invoke('relay', {})
      const shown = await until(
        () => read(file),
        ({ json }) => json?.state !== 'PENDING',
      )
      expect(shown.json).toMatchObject({ state: 'FAILED', reason: 'media-failed' })
    })
  })

  const callCount = () =>
    (flow.stack.dataApi?.calls() ?? []).filter(({ sql }) => !sql.includes("'kind', 'tenant'"))
      .length

  async function graph(method: string, path: string, body?: FormData) {
    const response = await fetch(`${flow.phones.url}/v26.0/${path}`, {
      method,
      headers: { authorization: `Bearer ${demoTenant.sender.accessToken}` },
      ...(body && { body }),
    })
    return (await response.json()) as { id: string }
  }

  /** A file that lies with Meta, and what its webhook leaves behind: our id and Meta's. */
  async function received(bytes: Uint8Array<ArrayBuffer>, mimeType: string) {
    const form = new FormData()
    form.set('messaging_product', 'whatsapp')
    form.set('type', mimeType)
    form.set('file', new Blob([bytes], { type: mimeType }), 'file')
    const { id } = await graph('POST', `${demoTenant.sender.phoneNumberId}/media`, form)
    const [sender] = await flow.rows(
      `select tenant_id::text as "tenantId", sender_id::text as "senderId" from senders
       where phone_number_id = $1`,
      [demoTenant.sender.phoneNumberId],
    )
    const { sealer, close } = stackSealer(flow)
    const file = { providerMediaId: id, mimeType }
    const { mediaId } = await addInboundMedia({ owner: flow.owner, sealer }, sender as never, file)
    close()
    return [mediaId, id] as const
  }
})

function webp(size: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(size)
  bytes.write('RIFF', 0)
  bytes.write('WEBPVP8 ', 8)
  return bytes
}
