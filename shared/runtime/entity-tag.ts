import { createHash } from 'node:crypto'
import { Refusal } from '../domain/errors.ts'
import { RequestProblem } from './problems.ts'

/**
 * The ETag of what is shown: it changes with every byte. One with a version can be named by If-Match,
 * which looks at the version alone: a change of the person's name must not stop a chat's closing.
 */
export function entityTag(text: string, version: string | undefined): string {
  const hash = createHash('sha256').update(text).digest('base64url')
  return version === undefined ? `"${hash.slice(0, 27)}"` : `"${version}.${hash.slice(0, 16)}"`
}

/** Whether If-None-Match names what would be shown (RFC 9110 §13.1.2). */
export function isKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  const known = ifNoneMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return known?.some((tag) => tag === '*' || tag === etag) === true
}

/**
 * The version of the one tag in If-Match. A weak one, `*` or a list names no version that somebody has
 * seen. Throws RequestProblem `if-match-missing`, Refusal `version-mismatch`.
 */
export function versionIn(ifMatch: string | undefined): string {
  if (ifMatch === undefined) throw new RequestProblem('if-match-missing')
  const version = /^"(\d{1,18})\.[\w-]{16}"$/.exec(ifMatch.trim())?.[1]
  if (version === undefined) throw new Refusal('version-mismatch')
  return version
}
