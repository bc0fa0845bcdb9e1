import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

type Json = Readonly<Record<string, unknown>>

/** Says what is wrong with a value by a JSON Schema of an OpenAPI document; undefined: nothing. */
export type Judge = (schema: Json, value: unknown) => string | undefined

/** Judges by a document's schemas; references lead into the document. */
export function judgeBy(document: Json): Judge {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema({ ...document, $id: 'api' }, 'api', undefined, false)
  const known = new Map<string, ReturnType<typeof ajv.compile>>()
  return (schema, value) => {
    const key = JSON.stringify(schema)
    const validate =
      known.get(key) ?? ajv.compile(JSON.parse(key.replaceAll('"#/', '"api#/')) as Json)
    known.set(key, validate)
    return validate(value) ? undefined : ajv.errorsText(validate.errors)
  }
}
