import type {
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-s3'
import type { SignedRequest } from '../../ports/media-objects.ts'

interface BuiltRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>
  readonly headers: Readonly<Record<string, string>>
}

/** The S3 client's own signer; its published type leaves this method out. */
interface Presigner {
  presign(
    request: BuiltRequest,
    options: {
      readonly expiresIn: number
      readonly signingRegion: string
      readonly signingService: 's3'
      readonly signingDate: Date
      /** What must travel as a header: S3 looks for checksums nowhere else. */
      readonly unhoistableHeaders: ReadonlySet<string>
    },
  ): Promise<BuiltRequest>
}

export interface Signing {
  readonly client: S3Client
  readonly expiresInSeconds: number
  readonly now: number
  /** Signed as headers, and so to be sent; everything else travels in the address. */
  readonly headers: readonly string[]
}

/**
 * Signs a command for somebody else to send (SigV4 in the query): the client builds the request,
 * its signer signs it, nothing is sent.
 */
export async function signedRequest(
  command: GetObjectCommand | PutObjectCommand,
  signing: Signing,
): Promise<SignedRequest> {
  let signed: BuiltRequest | undefined
  const stack = command.middlewareStack as PutObjectCommand['middlewareStack']
  stack.add(
    () => async (args) => {
      signed = await presign((args as { request: BuiltRequest }).request, signing)
      return { response: {}, output: { $metadata: {} } } as never
    },
    { name: 'signInsteadOfSending', step: 'finalizeRequest', priority: 'high', override: true },
  )
  await send(signing.client, command)
  if (signed === undefined) throw new Error('the client built no request')
  return {
    url: urlOf(signed),
    headers: pick(signed.headers, signing.headers),
    expiresAt: new Date(signing.now + signing.expiresInSeconds * 1000).toISOString(),
  }
}

function send(client: S3Client, command: GetObjectCommand | PutObjectCommand): Promise<unknown> {
  return client.send<ServiceInputTypes, ServiceOutputTypes>(command as never)
}

async function presign(request: BuiltRequest, signing: Signing): Promise<BuiltRequest> {
  const { client, headers } = signing
  const signingRegion = await client.config.region()
  const signer = (await client.config.signer({
    name: 'sigv4',
    signingName: 's3',
    signingRegion,
    properties: {},
  })) as unknown as Presigner
  const kept = pick(request.headers, ['host', ...headers])
  return signer.presign(
    { ...request, headers: { ...kept, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
    {
      expiresIn: signing.expiresInSeconds,
      signingRegion,
      signingService: 's3',
      signingDate: new Date(signing.now),
      unhoistableHeaders: new Set(headers),
    },
  )
}

function pick(
  headers: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> {
  const found = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  return Object.fromEntries(found.filter(([name]) => names.includes(name)))
}

function urlOf({ protocol, hostname, port, path, query = {} }: BuiltRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => `${escaped(name)}=${escaped(String(one ?? ''))}`),
  )
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}?${pairs.join('&')}`
}

/** RFC 3986: what a signature is made over. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
