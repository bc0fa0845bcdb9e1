import * as z from 'zod'
import { invalid } from './errors.ts'

const parameter = z.object({
  name: z.string().min(1),
  value: z.record(z.string(), z.unknown()),
  typeHint: z.enum(['DATE', 'DECIMAL', 'JSON', 'TIME', 'TIMESTAMP', 'UUID']).nullish(),
})

const target = z.object({
  resourceArn: z.string().min(1),
  secretArn: z.string().min(1),
  database: z.string().min(1).nullish(),
  // The service refuses it on this kind of cluster; taken here to say so in its words.
  schema: z.string().nullish(),
})

const sql = z
  .string()
  .min(1)
  .max(65_536, 'Number of characters in SQLStatement is longer than 65536')

export const executeRequest = target.extend({
  sql,
  parameters: z.array(parameter).nullish(),
  transactionId: z.string().min(1).nullish(),
  includeResultMetadata: z.boolean().nullish(),
  continueAfterTimeout: z.boolean().nullish(),
  resultSetOptions: z
    .object({
      decimalReturnType: z.enum(['STRING', 'DOUBLE_OR_LONG']).nullish(),
      longReturnType: z.enum(['LONG', 'STRING']).nullish(),
    })
    .nullish(),
  formatRecordsAs: z.enum(['NONE', 'JSON']).nullish(),
})

export const batchRequest = target.extend({
  sql,
  parameterSets: z.array(z.array(parameter)).nullish(),
  transactionId: z.string().min(1).nullish(),
})

export const beginRequest = target

export const endRequest = target.extend({ transactionId: z.string().min(1) })

export type SqlParameter = z.output<typeof parameter>
export type Target = z.output<typeof target>
export type ExecuteRequest = z.output<typeof executeRequest>
export type BatchRequest = z.output<typeof batchRequest>
export type EndRequest = z.output<typeof endRequest>

/** @throws ValidationException saying which member is wrong. */
export function readRequest<T extends Target>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input)
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error))
  if (typeof parsed.data.schema === 'string') throw invalid("The schema parameter isn't supported")
  return parsed.data
}
