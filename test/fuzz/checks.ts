import type { Judge } from '../support/api-schema.ts'
import type { FuzzedOperation } from './operations.ts'
import type { Bearer, Whose } from './requests.ts'

export interface Answered {
  /** 0: the connection gave none. */
  readonly status: number
  readonly contentType: string
  readonly text: string
}

interface Asked {
  readonly bearer: Bearer
  /** Undefined: the path names nothing. */
  readonly whose: Whose | undefined
}

/** What is wrong with an answer; empty: nothing. */
export function faultsOf(
  operation: FuzzedOperation,
  { asked, answer }: { readonly asked: Asked; readonly answer: Answered },
  { judge, marker }: { readonly judge: Judge; readonly marker: string },
): readonly string[] {
  const { status, text } = answer
  if (status === 0) return ['no answer']
  const isSuccess = status < 400
  return [
    ...(status >= 500 ? [`answered ${status}`] : []),
    ...documentFaults(operation, answer, judge),
    ...(isSuccess && asked.bearer !== 'own' ? [`${status} with the token "${asked.bearer}"`] : []),
    ...(isSuccess && asked.whose === 'foreign' ? [`${status} for what is another tenant's`] : []),
    ...(text.includes(marker) ? ["shows another tenant's data"] : []),
  ]
}

function documentFaults(
  { responses }: FuzzedOperation,
  { status, contentType, text }: Answered,
  judge: Judge,
): readonly string[] {
  const response = responses.get(status)
  if (response === undefined) return [`${status} is not documented`]
  if (response.content === undefined) {
    return text === '' ? [] : [`${status} has a body, which is not documented`]
  }
  const schema = response.content[contentType]?.schema
  if (schema === undefined) return [`${status} as "${contentType}" is not documented`]
  const value = parsed(text)
  if (value === undefined) return [`${status} is no JSON`]
  const error = judge(schema, value)
  return error === undefined ? [] : [`${status} is not as documented: ${error}`]
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
