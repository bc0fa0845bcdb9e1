/** What a template may hold: JSON, with CloudFormation intrinsics as single-key objects inside. */
export type TemplateValue =
  | string
  | number
  | boolean
  | null
  | readonly TemplateValue[]
  | { readonly [key: string]: TemplateValue }

/**
 * Gives the value of `Ref` (attribute undefined) or `Fn::GetAtt` for a logical id, or undefined
 * when it knows none. Pseudo parameters are asked for by their name: `AWS::Region`.
 */
export type Lookup = (logicalId: string, attribute: string | undefined) => unknown

/** A template value that cannot be known here; the message names the reference. */
export class UnresolvedTemplateValue extends Error {
  override readonly name = 'UnresolvedTemplateValue'
}

/** Answers the pseudo parameters of one account and region, and asks `lookup` for the rest. */
export function withPseudoParameters(
  place: { readonly region: string; readonly accountId: string },
  lookup: Lookup,
): Lookup {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::Region': place.region,
    'AWS::AccountId': place.accountId,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
  }
  return (logicalId, attribute) => pseudo[logicalId] ?? lookup(logicalId, attribute)
}

/**
 * Replaces every intrinsic inside `value`: Ref, Fn::GetAtt, Fn::Join, Fn::Sub, Fn::Select and
 * Fn::Split. Throws `UnresolvedTemplateValue` for any other, and for what `lookup` does not know.
 */
export function resolve(value: TemplateValue, lookup: Lookup): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, lookup))
  if (!isObject(value)) return value
  const [[name, argument] = [undefined, null], ...others] = Object.entries(value)
  if (name !== undefined && others.length === 0 && isIntrinsic(name)) {
    return applyIntrinsic(name, argument, lookup)
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolve(item, lookup)]),
  )
}

/**
 * Resolves the variables of a function to strings, as Lambda passes them. Throws
 * `UnresolvedTemplateValue` with the name of the variable that could not be resolved.
 */
export function resolveEnvironment(
  variables: Readonly<Record<string, TemplateValue>>,
  lookup: Lookup,
): Record<string, string> {
  const resolveOne = ([key, value]: [string, TemplateValue]) => {
    try {
      return [key, text(resolve(value, lookup), key)]
    } catch (error) {
      if (!(error instanceof UnresolvedTemplateValue)) throw error
      throw new UnresolvedTemplateValue(`environment variable ${key}: ${error.message}`)
    }
  }
  return Object.fromEntries(Object.entries(variables).map(resolveOne))
}

/** The logical id and attribute that a `Ref` or `Fn::GetAtt` points to; undefined for the rest. */
export function reference(
  value: TemplateValue | undefined,
): { readonly logicalId: string; readonly attribute: string | undefined } | undefined {
  if (!isObject(value)) return undefined
  if (typeof value.Ref === 'string') return { logicalId: value.Ref, attribute: undefined }
  const path = value['Fn::GetAtt']
  if (path === undefined) return undefined
  const [logicalId = '', ...attribute] = Array.isArray(path) ? path : String(path).split('.')
  return { logicalId: String(logicalId), attribute: attribute.join('.') }
}

type Intrinsic = (argument: TemplateValue, lookup: Lookup) => unknown

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, lookup) => look(String(argument), undefined, lookup),
  'Fn::GetAtt': (argument, lookup) => {
    const target = reference({ 'Fn::GetAtt': argument })
    return look(target?.logicalId ?? '', target?.attribute, lookup)
  },
  'Fn::Join': (argument, lookup) => {
    const [separator, parts] = list(resolve(argument, lookup), 'Fn::Join')
    return list(parts, 'Fn::Join')
      .map((part) => text(part, 'Fn::Join'))
      .join(String(separator))
  },
  'Fn::Select': (argument, lookup) => {
    const [index, items] = list(resolve(argument, lookup), 'Fn::Select')
    const selected = list(items, 'Fn::Select')[Number(index)]
    if (selected === undefined) throw unresolved(`Fn::Select has no item ${String(index)}`)
    return selected
  },
  'Fn::Split': (argument, lookup) => {
    const [separator, source] = list(resolve(argument, lookup), 'Fn::Split')
    return text(source, 'Fn::Split').split(String(separator))
  },
  'Fn::Sub': (argument, lookup) => {
    const [pattern, variables] = Array.isArray(argument) ? argument : [argument, {}]
    return substitute(String(pattern), isObject(variables) ? variables : {}, lookup)
  },
}

function applyIntrinsic(name: string, argument: TemplateValue, lookup: Lookup): unknown {
  const intrinsic = intrinsics[name]
  if (intrinsic === undefined) throw unresolved(`${name} is not supported`)
  return intrinsic(argument, lookup)
}

function substitute(
  pattern: string,
  variables: { readonly [key: string]: TemplateValue },
  lookup: Lookup,
): string {
  return pattern.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`
    const variable = variables[name]
    if (variable !== undefined) return text(resolve(variable, lookup), `Fn::Sub ${name}`)
    const [logicalId = '', ...attribute] = name.split('.')
    const path = attribute.length === 0 ? undefined : attribute.join('.')
    return text(look(logicalId, path, lookup), `Fn::Sub ${name}`)
  })
}

function look(logicalId: string, attribute: string | undefined, lookup: Lookup): unknown {
  const found = lookup(logicalId, attribute)
  if (found !== undefined) return found
  const asked =
    attribute === undefined ? `Ref ${logicalId}` : `Fn::GetAtt ${logicalId}.${attribute}`
  throw unresolved(`nothing is known for ${asked}`)
}

function isIntrinsic(name: string): boolean {
  return name === 'Ref' || name === 'Condition' || name.startsWith('Fn::')
}

function isObject(
  value: TemplateValue | undefined,
): value is { readonly [key: string]: TemplateValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unresolved(`${where} needs a list`)
  return value
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw unresolved(`${where} needs text, not ${JSON.stringify(value)}`)
}

function unresolved(message: string): UnresolvedTemplateValue {
  return new UnresolvedTemplateValue(message)
}
