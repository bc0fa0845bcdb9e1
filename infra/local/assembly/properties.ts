import * as z from 'zod'
import type { TemplateValue } from './intrinsics.ts'
import type { Resource, Template } from './template.ts'

export const anyValue = z.custom<TemplateValue>((value) => value !== undefined)

export function ofType(template: Template, type: string): Resource[] {
  return [...template.resources.values()].filter((resource) => resource.type === type)
}

/** Reads the properties that `schema` knows. Throws an error that names the resource. */
export function parseProperties<S extends z.ZodType>(schema: S, resource: Resource): z.output<S> {
  const parsed = schema.safeParse(resource.properties)
  if (parsed.success) return parsed.data
  throw refusal(resource, z.prettifyError(parsed.error))
}

export function refusal(resource: Resource, reason: string): Error {
  return new Error(`${resource.type} ${resource.logicalId}: ${reason}`)
}

/** CDK gives a description freely; ours begin with the name that the topology uses. */
export function firstWord(description: string | undefined): string | undefined {
  return /^[\w-]+/.exec(description ?? '')?.[0]
}

export function literal(value: TemplateValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
