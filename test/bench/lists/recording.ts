import type { DataApi } from '#shared/adapters/database/data-api.ts'

/** A statement as a store sent it. */
export interface Statement {
  readonly sql: string
  readonly parameters: NonNullable<Parameters<DataApi['query']>[1]>
}

/** Remembers what is sent through it. */
export function recording(database: DataApi) {
  let sent: Statement[] = []
  return {
    database: {
      ...database,
      query: (sql, parameters = {}) => {
        sent.push({ sql, parameters })
        return database.query(sql, parameters)
      },
    } satisfies DataApi,
    /** The one statement of this work. @throws when it sent none or more. */
    async statementOf<T>(work: () => Promise<T>): Promise<{ value: T; statement: Statement }> {
      sent = []
      const value = await work()
      const [statement, ...more] = sent
      if (statement === undefined || more.length > 0) {
        throw new Error(`${sent.length} statements instead of one`)
      }
      return { value, statement }
    },
  }
}
