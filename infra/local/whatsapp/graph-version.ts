import { GraphError } from './graph-error.ts'

/** v20.0 ended on 2026-09-24, v26.0 is of 2026-07-29. Source: Graph API changelog. */
const usableVersions = { first: 21, last: 26 }

/** Throws GraphError 2500 for a version that cannot be used. Without one, Graph takes the app's. */
export function checkVersion(version: string | undefined): void {
  if (version === undefined) return
  const number = Number(/^v(\d+)\.0$/.exec(version)?.[1] ?? 0)
  if (number < usableVersions.first || number > usableVersions.last) {
    throw new GraphError(2500, `Unknown path components: /${version}`)
  }
}
