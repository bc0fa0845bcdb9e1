import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Template } from 'aws-cdk-lib/assertions'
import { synthesize } from '#infra/app.ts'
import { bundleFunctions } from '#infra/bundle.ts'
import { type FunctionName, functions } from '#infra/topology.ts'

export interface Resource {
  readonly Type: string
  readonly Properties: Readonly<Record<string, unknown>>
  readonly DependsOn?: readonly string[]
  readonly DeletionPolicy?: string
}

export interface Synthesised {
  readonly directory: string
  readonly resources: Readonly<Record<string, Resource>>
  readonly outputs: Readonly<Record<string, unknown>>
  readonly rules: Readonly<Record<string, unknown>>
  readonly findings: unknown[]
  remove(): Promise<void>
}

const handler = 'export const handler = async () => ({ statusCode: 204 })\n'

/** The stack as a deployment would see it, over one-line handlers of its own. */
export async function synthesised(context: Record<string, unknown> = {}): Promise<Synthesised> {
  const directory = await mkdtemp(join(tmpdir(), 'recado-infra-'))
  const source = join(directory, 'handler.ts')
  await writeFile(source, handler)
  const codeDirectory = join(directory, 'code')
  const entries = Object.fromEntries(Object.keys(functions).map((name) => [name, source]))
  await bundleFunctions({ outputDirectory: codeDirectory, entries })
  const outdir = join(directory, 'cdk.out')
  const { templateFile } = synthesize({ outdir, codeDirectory, context })
  const template = await templateIn(templateFile)
  const report = JSON.parse(await readFile(join(outdir, 'validation-report.json'), 'utf8'))
  return {
    directory,
    resources: { ...template.Resources, ...(await nestedIn(outdir, template)) },
    outputs: template.Outputs,
    rules: template.Rules,
    findings: report.pluginReports,
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** Refuses a template whose resources wait for each other in a circle. */
async function templateIn(file: string) {
  return Template.fromJSON(JSON.parse(await readFile(file, 'utf8'))).toJSON()
}

interface Assets {
  readonly files: Readonly<Record<string, { readonly source: { readonly path: string } }>>
}

/** The resources of nested stacks, as if they stood in the template: parameters are what they get. */
async function nestedIn(
  outdir: string,
  { Resources }: { readonly [part: string]: Readonly<Record<string, Resource>> },
): Promise<Readonly<Record<string, Resource>>> {
  const { files } = JSON.parse(await readFile(join(outdir, 'Recado.assets.json'), 'utf8')) as Assets
  const nested = Object.values(Resources ?? {}).filter(
    ({ Type }) => Type === 'AWS::CloudFormation::Stack',
  )
  const found = await Promise.all(
    nested.map(async ({ Properties }) => {
      // An asset is known by its hash, which the address of the template ends with.
      const address = JSON.stringify(Properties.TemplateURL)
      const [, file] = theOne(
        Object.entries(files).filter(([hash]) => address.includes(hash)),
        address,
      )
      const given = (Properties.Parameters ?? {}) as Readonly<Record<string, unknown>>
      const inner = await templateIn(join(outdir, file.source.path))
      const filled = JSON.stringify(inner.Resources, (_, value) => {
        const name = at(value, 'Ref')
        return typeof name === 'string' && Object.hasOwn(given, name) ? given[name] : value
      })
      return JSON.parse(filled) as Readonly<Record<string, Resource>>
    }),
  )
  return Object.assign({}, ...found)
}

export type Named = [logicalId: string, resource: Resource]

export function ofType(stack: Synthesised, type: string): Named[] {
  return Object.entries(stack.resources).filter(([, resource]) => resource.Type === type)
}

/** Follows `a.b.0` into CloudFormation's nested properties. */
export function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value)
}

/** The logical id that a `Ref` or `Fn::GetAtt` points to. */
export function pointsTo(value: unknown): string | undefined {
  const target = at(value, 'Ref') ?? at(value, 'Fn::GetAtt.0')
  return typeof target === 'string' ? target : undefined
}

export function tagOf({ Properties }: Resource, key: string): string | undefined {
  const tags = (Properties.Tags ?? []) as readonly { Key: string; Value: string }[]
  return tags.find((tag) => tag.Key === key)?.Value
}

/** The one function whose description starts with this name. */
export function functionNamed(stack: Synthesised, name: FunctionName): Named {
  return theOne(
    ofType(stack, 'AWS::Lambda::Function').filter(([, { Properties }]) =>
      String(Properties.Description).startsWith(`${name}: `),
    ),
    name,
  )
}

/** The one queue with this tag. */
export function queueTagged(stack: Synthesised, key: string, value: string): Named {
  const queues = ofType(stack, 'AWS::SQS::Queue')
  return theOne(
    queues.filter(([, queue]) => tagOf(queue, key) === value),
    `${key}=${value}`,
  )
}

export function theOne<T>(found: readonly T[], what: string): T {
  const [first] = found
  if (first === undefined || found.length > 1) {
    throw new Error(`${found.length} instead of one: ${what}`)
  }
  return first
}

export interface Statement {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: unknown
}

/** Everything that policies allow to a role. */
export function statementsOf(stack: Synthesised, roleId: string): Statement[] {
  return ofType(stack, 'AWS::IAM::Policy')
    .filter(([, policy]) => pointsTo(at(policy, 'Properties.Roles.0')) === roleId)
    .flatMap(([, policy]) => at(policy, 'Properties.PolicyDocument.Statement') as Statement[])
}

export const listOf = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? value : [value as T]
