import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { anyValue, firstWord, ofType, parseProperties } from './properties.ts'
import type { Resource, Template } from './template.ts'
import type { FunctionSpec } from './types.ts'

const functionProperties = z.looseObject({
  Code: z.looseObject({ S3Key: z.string().optional() }),
  Description: z.string().optional(),
  Environment: z.looseObject({ Variables: z.record(z.string(), anyValue).default({}) }).optional(),
  Handler: z.string(),
  MemorySize: z.int().default(128),
  Timeout: z.int().default(3),
})

/**
 * Functions whose asset is a folder with `index.mjs`. Others are CDK's own helpers (custom
 * resources), which have nothing to do on one machine.
 */
export function readFunctions(template: Template): FunctionSpec[] {
  return ofType(template, 'AWS::Lambda::Function').flatMap((resource) => {
    const codeDirectory = bundleOf(template, resource)
    if (codeDirectory === undefined) return []
    const properties = parseProperties(functionProperties, resource)
    return {
      logicalId: resource.logicalId,
      name: firstWord(properties.Description) ?? resource.logicalId,
      codeDirectory,
      handler: properties.Handler,
      timeoutSeconds: properties.Timeout,
      memoryMb: properties.MemorySize,
      environment: properties.Environment?.Variables ?? {},
    }
  })
}

const code = z.looseObject({ Code: z.looseObject({ S3Key: z.string() }) })

function bundleOf(template: Template, resource: Resource): string | undefined {
  const key = code.safeParse(resource.properties).data?.Code.S3Key
  const directory = key === undefined ? undefined : template.assetDirectories.get(key)
  const isBundle = directory !== undefined && existsSync(join(directory, 'index.mjs'))
  return isBundle ? directory : undefined
}
