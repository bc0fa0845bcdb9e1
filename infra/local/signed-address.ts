import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface SignedCall {
  readonly method: string
  /** As it came: path and query, still encoded. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly now: number
}

export type AddressFault = 'SignatureDoesNotMatch' | 'AccessDenied'

/**
 * Checks an address signed by SigV4 as S3 does: signature, time and the headers it was signed with.
 * Undefined when nothing is wrong. On this machine every secret key equals its access key.
 */
export function addressFault(call: SignedCall): AddressFault | undefined {
  const [path = '', query = ''] = call.target.split('?', 2)
  const parameters = new Map(query.split('&').map((pair) => splitPair(pair)))
  const value = (name: string) => decodeURIComponent(parameters.get(name) ?? '')
  const signedAt = instantOf(value('X-Amz-Date'))
  const expiresAt = signedAt + Number(value('X-Amz-Expires')) * 1000
  if (!(call.now <= expiresAt)) return 'AccessDenied'
  const names = value('X-Amz-SignedHeaders').split(';')
  const canonical = [
    call.method,
    path,
    canonicalQuery(parameters),
    ...names.map((name) => `${name}:${headerOf(call, name)}`),
    '',
    names.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n')
  const wanted = signatureOf(value('X-Amz-Credential'), value('X-Amz-Date'), canonical)
  return isSame(value('X-Amz-Signature'), wanted) ? undefined : 'SignatureDoesNotMatch'
}

function splitPair(pair: string): [string, string] {
  const [name = '', value = ''] = pair.split('=', 2)
  return [name, value]
}

function canonicalQuery(parameters: ReadonlyMap<string, string>): string {
  return [...parameters]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&')
}

function headerOf({ headers }: SignedCall, name: string): string {
  return [headers[name] ?? '']
    .flat()
    .map((text) => text.trim().replace(/\s+/g, ' '))
    .join(',')
}

function signatureOf(credential: string, at: string, canonical: string): string {
  const [accessKey = '', ...scope] = credential.split('/')
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text)
  const key = scope.reduce<string | Buffer>(
    (derived, part) => hmac(derived, part).digest(),
    `AWS4${accessKey}`,
  )
  const hash = createHash('sha256').update(canonical).digest('hex')
  return hmac(key, ['AWS4-HMAC-SHA256', at, scope.join('/'), hash].join('\n')).digest('hex')
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** `20261125T163800Z`; NaN for anything else. */
function instantOf(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}
