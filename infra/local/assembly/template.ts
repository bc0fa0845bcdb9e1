import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import type { TemplateValue } from './intrinsics.ts'

/** One resource of a template; properties are unresolved. */
export interface Resource {
  readonly logicalId: string
  readonly type: string
  readonly properties: Readonly<Record<string, TemplateValue>>
}

export interface Template {
  readonly resources: ReadonlyMap<string, Resource>
  /** Defaults of the template's parameters, by name. */
  readonly parameterDefaults: ReadonlyMap<string, TemplateValue>
  /** Directory of an asset, by the S3 key under which CDK would upload it. */
  readonly assetDirectories: ReadonlyMap<string, string>
}

const templateValue: z.ZodType<TemplateValue> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(templateValue),
    z.record(z.string(), templateValue),
  ]),
)

const manifestSchema = z.looseObject({
  artifacts: z.record(
    z.string(),
    z.looseObject({
      type: z.string(),
      properties: z
        .looseObject({ templateFile: z.string().optional(), file: z.string().optional() })
        .optional(),
    }),
  ),
})

const templateSchema = z.looseObject({
  Parameters: z
    .record(z.string(), z.looseObject({ Default: templateValue.optional() }))
    .default({}),
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.record(z.string(), templateValue).default({}),
    }),
  ),
})

const assetsSchema = z.looseObject({
  files: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.looseObject({ objectKey: z.string() })),
      }),
    )
    .default({}),
})

/**
 * Reads the only stack of a cloud assembly (`cdk.out`) and its asset manifest. Throws when the
 * directory holds no assembly, or not exactly one stack.
 */
export async function readTemplate(
  directory: string,
  fill: (template: string) => string,
): Promise<Template> {
  const manifest = manifestSchema.parse(await readJson(join(directory, 'manifest.json')))
  const artifacts = Object.values(manifest.artifacts)
  const stacks = artifacts.filter(({ type }) => type === 'aws:cloudformation:stack')
  const templateFile = stacks[0]?.properties?.templateFile
  if (stacks.length !== 1 || templateFile === undefined) {
    throw new Error(`${directory} holds ${stacks.length} stacks; the local stack runs exactly one`)
  }
  const text = await readFile(join(directory, templateFile), 'utf8')
  const template = templateSchema.parse(JSON.parse(fill(text)))
  const assetFiles = artifacts
    .filter(({ type }) => type === 'cdk:asset-manifest')
    .flatMap(({ properties }) => properties?.file ?? [])
  return {
    resources: new Map(
      Object.entries(template.Resources).map(([logicalId, { Type, Properties }]) => [
        logicalId,
        { logicalId, type: Type, properties: Properties },
      ]),
    ),
    parameterDefaults: new Map(
      Object.entries(template.Parameters).flatMap(([name, { Default }]) =>
        Default === undefined ? [] : [[name, Default] as const],
      ),
    ),
    assetDirectories: await readAssets(directory, assetFiles),
  }
}

async function readAssets(
  directory: string,
  files: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const file of files) {
    const assets = assetsSchema.parse(await readJson(join(directory, file)))
    for (const { source, destinations } of Object.values(assets.files)) {
      if (source.path === undefined) continue
      for (const { objectKey } of Object.values(destinations)) {
        found.set(objectKey, resolve(directory, source.path))
      }
    }
  }
  return found
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'))
}
