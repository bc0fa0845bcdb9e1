import type { eventOperations } from '#shared/contracts/operations/events.ts'
import { cursorOf, type Row } from './row.ts'

export const eventRows: Readonly<Record<keyof typeof eventOperations, Row>> = {
  listEvents: {
    answers: 200,
    request: async () => ({}),
    ids: {
      after: {
        ...cursorOf(async (side) => {
          await side.chat()
          return '/events'
        }),
        put: (wanted, after) => ({ ...wanted, query: { limit: '1', after } }),
      },
    },
  },
}
