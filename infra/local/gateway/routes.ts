/** What a request is matched against. */
export interface RouteKey {
  /** An HTTP method, or `ANY`. */
  readonly method: string
  /** `/chats/{chatId}`, `/files/{path+}` or `$default`. */
  readonly path: string
}

export interface RouteMatch<R extends RouteKey> {
  readonly route: R
  /** Decoded; empty when the path has no variables. */
  readonly pathParameters: Readonly<Record<string, string>>
}

/** The path has a percent escape that is none. */
export class MalformedPath extends Error {
  override readonly name = 'MalformedPath'
}

export type MatchRoute<R extends RouteKey> = (
  method: string,
  path: string,
) => RouteMatch<R> | undefined

/**
 * Chooses routes as an HTTP API does: the most specific path first (text before a variable before
 * a greedy variable), then the named method before `ANY`, then `$default`. What it returns throws
 * `MalformedPath`, and gives undefined when no route fits.
 */
export function routeMatcher<R extends RouteKey>(routes: readonly R[]): MatchRoute<R> {
  const ordered = routes
    .toSorted((a, b) => Number(rank(a) > rank(b)) - Number(rank(a) < rank(b)))
    .map((route) => ({ route, pattern: patternOf(route.path) }))
  return (method, path) => {
    for (const { route, pattern } of ordered) {
      if (route.method !== method && route.method !== 'ANY') continue
      const found = pattern.exec(path)
      if (found !== null) return { route, pathParameters: decodeAll(route.path, found) }
    }
    return undefined
  }
}

/** As in a route key: `GET /chats`, `$default`. */
export function routeKeyOf({ method, path }: RouteKey): string {
  return path === '$default' ? path : `${method} ${path}`
}

const variable = /\{([^}+]+)(\+?)\}/g

function patternOf(path: string): RegExp {
  if (path === '$default') return /^/
  const segments = path.split('/').map((segment) => {
    if (segment.endsWith('+}')) return '(.+)'
    return segment.startsWith('{') ? '([^/]+)' : segment.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')
  })
  return new RegExp(`^${segments.join('/')}$`)
}

function decodeAll(path: string, found: RegExpExecArray): Record<string, string> {
  const names = [...path.matchAll(variable)].map(([, name = '']) => name)
  return Object.fromEntries(names.map((name, index) => [name, decode(found[index + 1] ?? '')]))
}

/** Sorts as text: a digit for each segment, then one for the method. */
function rank({ method, path }: RouteKey): string {
  const segments = path === '$default' ? ['3'] : path.split('/').slice(1).map(rankOfSegment)
  return `${segments.join('')}${method === 'ANY' ? '1' : '0'}`
}

function rankOfSegment(segment: string): string {
  if (segment.endsWith('+}')) return '2'
  return segment.startsWith('{') ? '1' : '0'
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new MalformedPath(`${text} is not URL encoded`)
  }
}
