import { docsEnv } from '#functions/env.ts'
import type { FunctionSpec, Route } from './topology-shapes.ts'

/** The API's document and its reference page; part of the one list in topology.ts. */
export const docsFunctions = {
  'api-docs': {
    entry: 'functions/api/docs.ts',
    env: docsEnv,
    timeoutSeconds: 10,
    memoryMb: 512,
    access: [],
    sendsTo: [],
    errorImpact: 'programmers cannot read /docs and /openapi.json; no message is touched',
  },
} as const satisfies Readonly<Record<string, FunctionSpec>>

const open = {
  method: 'GET',
  function: 'api-docs',
  scope: undefined,
  openBecause: 'How the API is called is no secret; the function reads nothing but its own files.',
} as const

export const docsRoutes: readonly Route[] = [
  { ...open, path: '/openapi.json' },
  { ...open, path: '/docs' },
  { ...open, path: '/docs/{file}' },
]
